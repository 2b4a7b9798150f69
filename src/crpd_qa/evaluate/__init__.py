"""Question sets -> metrics -> reports. Its figures and plots need the extra `evaluate`."""
