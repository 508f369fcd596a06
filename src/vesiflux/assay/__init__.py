"""What is done with vesicles outside the body: doses, isolation, measurement, controls."""
