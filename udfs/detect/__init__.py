"""Detection: which texts hold what, by Presidio's judgement, behind a scan that passes over the rest."""

from udfs.detect.detected import Detected
from udfs.detect.detector import Detector
from udfs.detect.recognizers import installed
from udfs.detect.witness import NO_FIELD, Fields

__all__ = ["NO_FIELD", "Detected", "Detector", "Fields", "installed"]
