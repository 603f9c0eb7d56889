"""SOQL and SOSL: from a statement to the records it asks for, as one user may see them. Knows no HTTP."""
