"""The nightly run under Airflow: what a task of the DAG does, and Airflow without a screen for demo, tests and laptop.

In: a business date; where the lake and the inbox are, from the environment. Out: a task that is done, or a
run followed to its end. What can go wrong: what a night says itself, and servers that do not start (MachineError).
Nothing here imports pyspark or great_expectations before a task runs; only `dags/` imports `airflow`.
"""
