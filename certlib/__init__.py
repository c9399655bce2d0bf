"""Certificates for Windows services."""
