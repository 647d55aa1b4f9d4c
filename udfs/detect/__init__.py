"""Detection: which texts hold what, by Presidio's judgement, behind a scan that passes over the rest."""

from udfs.detect.detector import NO_FIELD, Detected, Detector, Fields
from udfs.detect.recognizers import installed

__all__ = ["NO_FIELD", "Detected", "Detector", "Fields", "installed"]
