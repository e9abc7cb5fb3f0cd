"""The migration's Spark jobs: Bootstrap reads clones and writes items, Compare proves that they arrived.

Runs on EMR Serverless 7 (Spark 3.5, Python 3.9) with nothing but pyspark and the JDBC drivers in the same JAR.
"""

__version__ = "1.0.0"
