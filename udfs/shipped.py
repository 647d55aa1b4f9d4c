"""What was shipped: a check that all of Weir that runs comes from one distribution."""

import importlib
from pathlib import Path

from policy import DISTRIBUTION

ROOMS = ("policy", "udfs", "jobs")
"""The packages of the distribution. Their names are common words, so that another package may come first on a path."""


class SetUpFailed(Exception):
    """A function could not start. No data was read yet, so the message holds none."""


class ForeignCode(Exception):
    """A package of Weir was loaded from somewhere else than the others."""


def check_distribution() -> None:
    """Refuse to run when `policy`, `udfs` and `jobs` do not come from one place.

    Raises:
        ForeignCode: a package is missing, is not Weir's, or lies elsewhere than the others.
    """
    homes = {}
    for name in ROOMS:
        try:
            module = importlib.import_module(name)
        except ImportError:
            raise ForeignCode(f"package {name} of {DISTRIBUTION} must be on the path; ship the whole archive") from None
        if getattr(module, "DISTRIBUTION", None) != DISTRIBUTION:
            where = getattr(module, "__file__", None)
            raise ForeignCode(f"package {name} must be {DISTRIBUTION}'s; got {where}; remove it from the path")
        homes[name] = Path(str(module.__file__)).parent.parent
    if len(set(homes.values())) > 1:
        places = ", ".join(f"{name} from {home}" for name, home in homes.items())
        raise ForeignCode(f"packages must come from one place; got {places}; remove the others from the path")
