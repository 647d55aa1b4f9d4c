"""The segment job of the Kafka example, as a process of its own, which the demonstration starts and stops.

What it needs of the broker comes in through standard input: a command line can be read by everybody on a machine.
"""

import json
import signal
import sys
from pathlib import Path

from examples.kafka.servers.process import JARS
from examples.kafka.shop import POLICY, TABLES
from jobs.failure import JobFailed
from jobs.segment import run
from jobs.statements import SqlErrors

CONNECTOR = "flink/flink-sql-connector-kafka-*.jar"


def main(key_file: str) -> int:
    """Runs the job until it is interrupted. Returns the exit code.

    Args:
        key_file: the key of the masks.
    """
    # Whoever is started in the background of a shell script is started deaf to it, and hands that on.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    variables = json.load(sys.stdin)
    try:
        run(POLICY, TABLES, Path(key_file), variables=variables, jars=sorted(JARS.glob(CONNECTOR)))
    except (JobFailed, SqlErrors) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
