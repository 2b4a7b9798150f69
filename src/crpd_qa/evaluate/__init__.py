"""Question sets -> metrics -> reports; batch runs."""
