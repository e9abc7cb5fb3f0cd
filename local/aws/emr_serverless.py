"""EMR Serverless: job runs that run.

moto ends every job run in SUCCESS at once, knows no client token, dates runs at midnight, bills nothing, and does not
list the runs of an application that has none. Here a run is a real program, with the secrets of its configuration
resolved:
https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/secrets-manager.html
"""

from __future__ import annotations

import shutil
import threading
import time
from typing import TYPE_CHECKING, Any

from moto.core.utils import utcnow
from moto.emrserverless.models import EMRServerlessBackend

from local.aws import drivers, emr_workers, events
from local.aws.active import active
from local.aws.seams import replace
from local.aws.secrets import resolve
from local.aws.stepfunctions.clients import role_credentials
from local.errors import LocalError

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from local.aws.active import Active, Command

_SECRET = "EMR.secret@"  # noqa: S105 - the mark of a reference, no secret
_LOG_TAIL_CHARACTERS = 1500
_LEAST_BILLED_SECONDS = 60
_ENDED = ("SUCCESS", "FAILED", "CANCELLED")
_lock = threading.RLock()
_processes: dict[str, subprocess.Popen[Any]] = {}


def install() -> None:
    """Run job runs, cancel them, and list them from the first."""
    original_start = EMRServerlessBackend.start_job_run
    original_cancel = EMRServerlessBackend.cancel_job_run
    original_list = EMRServerlessBackend.list_job_runs

    def start(self: Any, **arguments: Any) -> Any:
        with _lock:
            for job in self.job_runs.get(arguments["application_id"], []):
                if arguments.get("client_token") and job.client_token == arguments["client_token"]:
                    return job
            emr_workers.check(arguments.get("job_driver"), arguments.get("configuration_overrides"))
            job = original_start(self, **arguments)
            job.attempt = 1
            job.state, job.created_at, job.updated_at = "SUBMITTED", utcnow(), utcnow()
        threading.Thread(target=_run, args=(job,), name=f"job-{job.id}", daemon=True).start()
        return job

    def cancel(self: Any, application_id: str, job_run_id: str) -> tuple[str, str]:
        job = self.get_job_run(application_id, job_run_id)
        with _lock:
            if job.state in _ENDED:
                return application_id, job_run_id
            answer: tuple[str, str] = original_cancel(self, application_id, job_run_id)
            job.state = "CANCELLING"
            process = _processes.get(job_run_id)
        if process is not None:
            threading.Thread(target=active().guard.stop, args=(process,), daemon=True).start()
        return answer

    def list_runs(self: Any, application_id: str, *arguments: Any, **named: Any) -> Any:
        if application_id in self.applications:
            self.job_runs.setdefault(application_id, [])
        return original_list(self, application_id, *arguments, **named)

    replace(EMRServerlessBackend, "start_job_run", start)
    replace(EMRServerlessBackend, "cancel_job_run", cancel)
    replace(EMRServerlessBackend, "list_job_runs", list_runs)


def log_path(job_run_id: str) -> Path:
    """Return where the job run's output lies."""
    return active().work / "logs" / f"{job_run_id}.log"


def _run(job: Any) -> None:
    began = time.monotonic()
    try:
        code = _execute(job)
        details = "" if code == 0 else f"exit code {code}; the log ends: {_tail(log_path(job.id))}"
        _set(job, "SUCCESS" if code == 0 else "FAILED", details)
    except Exception as error:  # noqa: BLE001 - whatever happens, the job run must end
        _set(job, "FAILED", f"{type(error).__name__}: {error}")
    job.total_execution_duration_seconds = int(time.monotonic() - began)


def _execute(job: Any) -> int:
    settings = active()
    if settings.submit is None:
        raise LocalError("this embedded AWS was started without a way to run Spark")
    environment = {
        **role_credentials(job.execution_role_arn),
        "AWS_ENDPOINT_URL": settings.endpoint_url,
        "AWS_REGION": settings.region,
    }
    command = settings.submit(job.job_driver["sparkSubmit"], _properties(job), environment)
    _set(job, "SCHEDULED")
    log = log_path(job.id)
    log.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    process = drivers.start(settings, command, log)
    with _lock:
        _processes[job.id] = process
    _set(job, "RUNNING")
    try:
        return drivers.wait(settings, process, command, log, job.execution_timeout_minutes * 60)
    finally:
        _release(settings, job, process, command)
        if command.secrets is not None:
            shutil.rmtree(command.secrets, ignore_errors=True)
        job.billed_resource_utilization = _billed(command, time.monotonic() - began)


def _release(settings: Active, job: Any, process: subprocess.Popen[Any], command: Command) -> None:
    """Keep the process for another job run if it can run one, and end it otherwise."""
    with _lock:
        # From here on the job run is cancelled without it.
        _processes.pop(job.id, None)
        is_waiting = command.application is not None and process.poll() is None
        is_reusable = is_waiting and job.state != "CANCELLING"
        if is_reusable:
            drivers.keep(settings, process, command)
    if not is_reusable:
        settings.guard.stop(process)


def _billed(command: Command, seconds: float) -> dict[str, float]:
    """Return what AWS would bill for such a worker: a minute at least, and no storage up to 20 GB.

    https://docs.aws.amazon.com/emr-serverless/latest/APIReference/API_ResourceUtilization.html
    """
    hours = max(seconds, _LEAST_BILLED_SECONDS) / 3600
    return {
        "vCPUHour": round(command.vcpu * hours, 6),
        "memoryGBHour": round(command.memory_gb * hours, 6),
        "storageGBHour": 0.0,
    }


def _properties(job: Any) -> dict[str, str]:
    """Return the Spark properties of the configuration, secrets resolved."""
    properties: dict[str, str] = {}
    for entry in (job.configuration_overrides or {}).get("applicationConfiguration", []):
        if entry["classification"] == "spark-defaults":
            properties |= entry.get("properties", {})
    application = f"arn:aws:emr-serverless:{active().region}:{active().account}:/applications/{job.application_id}"
    for name, value in properties.items():
        if value.startswith(_SECRET):
            properties[name] = resolve(value.removeprefix(_SECRET), application)
    return properties


def _set(job: Any, state: str, details: str = "") -> None:
    with _lock:
        if job.state == "CANCELLING":
            state = "CANCELLED" if state in _ENDED else job.state
        before = job.state
        job.state, job.state_details, job.updated_at = state, details, utcnow()
    # https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/using-eventbridge.html
    detail = {"jobRunId": job.id, "applicationId": job.application_id, "state": state, "previousState": before}
    events.report("aws.emr-serverless", "EMR Serverless Job Run State Change", detail)


def _tail(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-_LOG_TAIL_CHARACTERS:].strip()
