"""A Spark job that does a little of everything that the jobs do: its classes are the ones worth sharing.

It is run by `local.java.shared_classes` alone, and reaches no network.
"""

from __future__ import annotations

import sys
from typing import Any

from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F


def main(folder: str) -> None:
    """Write, read, join, aggregate and sort a few rows below `folder`, and open S3A's file system."""
    spark = SparkSession.builder.config("spark.hadoop.fs.s3a.bucket.probe", "0").getOrCreate()
    rows = spark.range(1000).select(
        "id",
        (F.col("id") % 7).alias("part"),
        F.concat(F.lit("a"), F.col("id")).alias("name"),
        F.to_timestamp(F.lit("2027-01-01")).alias("moment"),
        F.array(F.lit("a"), F.col("id").cast("string")).alias("words"),
        (F.col("id") / 7).cast("decimal(38,18)").alias("amount"),
    )
    rows.write.mode("overwrite").partitionBy("part").parquet(f"{folder}/rows")
    read = spark.read.parquet(f"{folder}/rows")
    sums = (F.count(F.lit(1)).alias("n"), F.sum("amount").alias("sum"), F.max("name").alias("last"))
    totals = read.groupBy("part").agg(*sums)
    numbered = read.withColumn("row", F.row_number().over(Window.partitionBy("part").orderBy("id")))
    others = read.select("id", F.col("part").alias("other"))
    joined = numbered.join(F.broadcast(totals), "part").join(others, "id", "full_outer")
    lines = joined.select(F.to_json(F.struct(*joined.columns)).alias("value")).repartition(2, "value")
    lines.write.mode("overwrite").option("compression", "gzip").text(f"{folder}/lines")
    spark.read.text(f"{folder}/lines").createOrReplaceTempView("lines")
    spark.sql("SELECT get_json_object(value, '$.name') AS name, count(*) FROM lines GROUP BY 1 ORDER BY 1").collect()
    jvm: Any = spark.sparkContext._jvm
    configuration = spark.sparkContext._jsc.hadoopConfiguration()
    jvm.org.apache.hadoop.fs.FileSystem.get(jvm.java.net.URI("s3a://none/"), configuration).close()
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1])
