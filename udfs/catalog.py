"""The catalog of what is installed here, for the policy compiler."""

from policy.catalog import Catalog
from udfs import detect, mask


def installed() -> Catalog:
    """The recognizers and masks that are installed.

    >>> "keep_last" in installed().masks
    True
    """
    return Catalog(recognizers=detect.installed(), masks={name: m.info for name, m in mask.MASKS.items()})
