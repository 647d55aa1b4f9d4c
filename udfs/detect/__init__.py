"""Detection: which texts hold what, by Presidio's judgement, behind a scan that passes over the rest."""

from udfs.detect.detector import Detected, Detector
from udfs.detect.recognizers import installed

__all__ = ["Detected", "Detector", "installed"]
