"""One Spark session, started when first asked for, and the jars it needs."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from loanwatch.errors import MachineError
from loanwatch.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# delta-spark 4.4.1 is on PyPI, but its jar is not published: both stay at 4.4.0.
JARS = ("io.delta:delta-spark_4.2_2.13:4.4.0", "io.delta:delta-storage:4.4.0")
# What these two ask for and pyspark already ships, or Delta needs only for catalogues: 31 jars, 80 MB.
SHIPPED = (
    "com.fasterxml.jackson.core", "com.fasterxml.jackson.datatype", "com.github.luben", "com.google.code.findbugs",
    "commons-logging", "commons-pool", "io.airlift", "io.unitycatalog", "javax.annotation", "org.apache.hadoop",
    "org.apache.logging.log4j", "org.apache.parquet", "org.apache.spark", "org.locationtech.jts", "org.roaringbitmap",
    "org.slf4j", "org.xerial.snappy", "org.antlr",
)  # fmt: skip

OPTIONS = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": "2",
    # One row a key is kept of rows that are few a key: the limit before the shuffle sorts for nothing.
    "spark.sql.optimizer.windowGroupLimitThreshold": "-1",
    # A broadcast waits for the sums it is made of.
    "spark.sql.broadcastTimeout": "3600",
    # Of groups that hardly repeat, the small map before the large one finds nothing.
    "spark.sql.codegen.aggregate.map.twolevel.enabled": "false",
    # A method for hundreds of rules is compiled for half a minute; beyond this, each expression is a method of its own.
    "spark.sql.codegen.hugeMethodLimit": "30000",
    # Many rules over many derived columns in one plan: propagation of constraints explodes.
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "65536",
    # Files are committed by delta-rs, which needs no mark that they are whole.
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
}
# A generated method above 8,000 bytecodes is otherwise interpreted for ever.
JAVA_OPTIONS = "-XX:-DontCompileHugeMethods"
LOG = f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties')}"
ARCHIVE = "classes.jsa"
QUIET = "-Xlog:disable -Xlog:all=error:stderr"  # of the archive: which classes it could not take
END_SECONDS = 600.0  # writing the archive takes minutes where all cores are busy


def jar_files(folder: Path) -> list[Path]:
    """The Delta jars in a folder; MachineError names what is missing and how to get it."""
    files = _named(folder)
    if missing := [file.name for file in files if not file.is_file()]:
        raise MachineError(
            f"no Delta jars: {', '.join(missing)} not in {folder.resolve()}; "
            "run `make setup`, or set spark.jars to a folder that holds them"
        )
    return files


def _named(folder: Path) -> list[Path]:
    return [folder / f"{name}-{version}.jar" for _, name, version in (jar.split(":") for jar in JARS)]


def fetch_jars(folder: Path) -> None:
    """Fetch the two Delta jars, once, through the resolver that comes with Spark."""
    if all(file.is_file() for file in _named(folder)):
        return
    java()
    from pyspark.sql import SparkSession

    with tempfile.TemporaryDirectory() as ivy:
        builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
        for key, value in (
            ("packages", ",".join(JARS)),
            ("ivy", ivy),
            ("excludes", ",".join(f"{group}:*" for group in SHIPPED)),
        ):
            builder = builder.config(f"spark.jars.{key}", value)
        builder.getOrCreate().stop()
        end()  # the next session needs a JVM that has the jars
        folder.mkdir(parents=True, exist_ok=True)
        for jar in JARS:
            group, name, version = jar.split(":")
            shutil.copy(Path(ivy, "jars", f"{group}_{name}-{version}.jar"), folder / f"{name}-{version}.jar")


def archive_classes(settings: Settings) -> None:
    """Run a small application that leaves the archive of its classes beside the jars: later ones start seconds sooner.

    Java passes over an archive that is not of its own version.
    """
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    archive = settings.spark.jars.resolve() / ARCHIVE
    if archive.is_file():
        return
    spark = start(settings, java_option=f"-XX:ArchiveClassesAtExit={archive}")
    with tempfile.TemporaryDirectory() as folder:
        rows = spark.range(100).select((F.col("id") % 7).alias("k"), F.col("id").cast("string").alias("t"), F.lit(1).alias("n"))
        rows.write.mode("append").parquet(f"{folder}/n=1")
        read = spark.read.schema("k long, t string").parquet(*map(str, Path(folder).glob("*/*.parquet")))
        ranked = read.withColumn("rank", F.row_number().over(Window.partitionBy("k").orderBy("t")))
        sums = read.groupBy("k").agg(F.sum(F.xxhash64("t") % 7).alias("sum"))
        joined = ranked.join(sums, on="k", how="left").join(F.broadcast(read.select("k").distinct()), on="k")
        joined.agg(F.count("rank"), F.collect_set("sum")).collect()
        spark.createDataFrame([("a",)], "t string").mapInArrow(lambda batches: batches, "t string").collect()
    spark.stop()
    end()


def end() -> None:
    """End the JVM that `SparkSession.stop` leaves behind, and wait for its end: the next one may start at once."""
    if "pyspark" not in sys.modules:
        return
    from pyspark import SparkContext

    if gateway := SparkContext._gateway:
        SparkContext._gateway = SparkContext._jvm = None
        gateway.shutdown()
        if process := getattr(gateway, "proc", None):
            process.stdin.close()  # what the JVM waits for
            process.wait(END_SECONDS)


def java() -> str:
    """The path of `java`; MachineError says how to install it."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if not found:
        raise MachineError(
            "no Java: install version 17 (Debian: apt-get install openjdk-17-jre-headless; macOS: brew install openjdk@17)"
        )
    return found


def start(settings: Settings, java_option: str = "") -> SparkSession:
    """The session, with the settings' master, memory and options."""
    java()
    archive = settings.spark.jars.resolve() / ARCHIVE
    shared = java_option or (f"-XX:SharedArchiveFile={archive}" if archive.is_file() else "")
    jars = ",".join(str(jar.resolve()) for jar in jar_files(settings.spark.jars))
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    spark = settings.spark
    options = {
        **OPTIONS,
        "spark.jars": jars,
        "spark.driver.memory": spark.memory,
        "spark.executor.memory": spark.memory,
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": str(spark.shuffle_partitions),
        "spark.driver.extraJavaOptions": f"{JAVA_OPTIONS} {LOG} {QUIET} {shared} {spark.java_options}".strip(),
        "spark.executor.extraJavaOptions": f"{JAVA_OPTIONS} {spark.java_options}".strip(),
        **spark.options,
    }
    builder = SparkSession.builder.master(spark.master).appName("loanwatch")
    for key, value in options.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    _remember_names()
    return session


def _remember_names() -> None:
    """Keep what the JVM says of the classes that every column expression is made by.

    py4j asks it anew for each `F.col`, and Java looks for a class of that name in all jars of all imported packages:
    a sixth of a small night's CPU.
    """
    from py4j.java_gateway import JavaClass
    from pyspark import SparkContext

    class Remembered(JavaClass):  # type: ignore[misc]
        def __getattr__(self, name: str) -> object:
            member = super().__getattr__(name)
            setattr(self, name, member)
            return member

    jvm = SparkContext._jvm
    for name in ("functions", "org.apache.spark.sql.functions", "PythonSQLUtils", "PythonUtils"):
        known = getattr(jvm, name)
        setattr(jvm, name, Remembered(known._fqn, known._gateway_client))


def name_jobs(spark: SparkSession, name: str) -> None:
    """Name what runs from now on; without a name Spark walks the stack for each of the thousands of RDDs of a night."""
    for form in ("short", "long"):
        spark.sparkContext.setLocalProperty(f"callSite.{form}", name)


def jvm_process(spark: SparkSession) -> int:
    """The process number of the JVM behind a session."""
    return int(spark._jvm.java.lang.ProcessHandle.current().pid())  # type: ignore[union-attr]
