"""compartments"""
