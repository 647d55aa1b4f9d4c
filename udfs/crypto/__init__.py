"""Cryptography by the published standards, as functions of bytes: format-preserving encryption, sealed values."""
