"""File systems that jars bring: those of object stores. Flink knows them as plugins, and loads these when it starts.

A cluster has them in its folder `plugins`. A local Flink has no such folder of its own, so there a job's own jars are
loaded as the plugins that they are.
"""

import zipfile
from pathlib import Path
from typing import Any

JARS = "weir.file-systems"
"""The session's option with the jars of its file systems: URLs, separated by semicolons."""

OPTIONS = ("s3.", "fs.")
"""How the names of options begin that file systems read when they are loaded."""

_SERVICE = "META-INF/services/org.apache.flink.core.fs.FileSystemFactory"
"""What a jar has that brings a file system (java.util.ServiceLoader)."""


def is_file_system(jar: Path) -> bool:
    """True for a jar that brings a file system, as flink-s3-fs-hadoop does. A file that is no jar is none."""
    if not zipfile.is_zipfile(jar):
        return False
    with zipfile.ZipFile(jar) as archive:
        return _SERVICE in archive.namelist()


def load(t_env: Any) -> None:
    """Make the file systems of a session known to its local Flink, with the options that the session has now.

    Args:
        t_env: the session (`pyflink.table.TableEnvironment`). One without such jars stays as it is.
    """
    jars = t_env.get_config().get(JARS, "")
    if not jars:
        return
    from pyflink.java_gateway import get_gateway

    gateway = get_gateway()
    flink, jvm = gateway.jvm.org.apache.flink, gateway.jvm
    options = flink.configuration.GlobalConfiguration.loadConfiguration()
    options.addAll(t_env.get_config().get_configuration()._j_configuration)
    plugins = jvm.java.util.ArrayList()
    for jar in jars.split(";"):
        places = gateway.new_array(jvm.java.net.URL, 1)
        places[0] = jvm.java.net.URI(jar).toURL()
        plugins.add(flink.core.plugin.PluginDescriptor(jar, places, gateway.new_array(jvm.java.lang.String, 0)))
    parents = flink.configuration.CoreOptions.getPluginParentFirstLoaderPatterns(options)
    flink.core.fs.FileSystem.initialize(options, flink.core.plugin.DefaultPluginManager(plugins, parents))
