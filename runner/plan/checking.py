"""Look everything up at once, and put the plan together."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from catalog.loader import load_catalog
from runner.environments import find_machine
from runner.expectation import Expectation, expect
from runner.plan import costs, quotas, sizes, times
from runner.plan.account import Account, reason
from runner.plan.checks import clones, domain, permissions, secrets, spark, streams, tables
from runner.plan.earlier import last_manifest, last_usage
from runner.plan.model import NOT_KNOWN, Finding, Plan, Quota, Volume
from runner.plan.statistics import statistics
from runner.prices import load_prices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future

    from runner.environments import Environment
    from runner.starting import Request

_AT_ONCE = 16
_TODO = "let the caller's policy allow it, or look yourself"
_Answer = TypeVar("_Answer")
Found = Finding | str
Check = tuple[str, "Callable[[], Iterable[Found]]"]


def plan(environment: Environment, request: Request) -> Plan:
    """Return the plan of a run.

    Raises:
        UsageError: The request is wrong, or the stack is not deployed.
    """
    request.check()
    account = Account(environment, request, load_catalog(), find_machine(environment, request.domain))
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return _Planning(account, pool).plan()


def checks(account: Account) -> list[Check]:
    """Return every check with what it is about."""
    return [
        ("the domain's lock", partial(domain.check_lock, account)),
        ("the right to destroy the clones", partial(domain.check_seal, account)),
        ("what earlier attempts left", partial(domain.check_resume, account)),
        *((f"table {t.name}", partial(tables.check_table, account, t.name)) for t in account.domain.tables),
        *((f"cluster {c.identifier}", partial(clones.check_source, account, c)) for c in account.clusters),
        *((f"clone of {c.identifier}", partial(clones.check_clone, account, c)) for c in account.clusters),
        *((f"secret {c.password_secret}", partial(secrets.check_secret, account, c)) for c in account.clusters),
        ("the streams", partial(streams.check_streams, account)),
        ("the EMR Serverless application", partial(spark.check_application, account)),
        ("the role of the Spark jobs", partial(spark.check_role, account)),
        ("the release", partial(spark.check_release, account)),
        ("the spec", partial(spark.check_spec, account)),
        ("the functions", partial(spark.check_functions, account)),
        ("what the caller may do", partial(permissions.check_caller, account)),
        ("what the state machine may do", partial(permissions.check_machine, account)),
        ("what the clone service may do", partial(permissions.check_clone_service, account)),
        ("what the Spark jobs may do", partial(permissions.check_jobs, account)),
    ]


class _Planning:
    """One plan in the making: what is asked, and what could not be answered."""

    def __init__(self, account: Account, pool: ThreadPoolExecutor) -> None:
        self._account = account
        self._pool = pool
        self._unanswered: list[Finding] = []

    def plan(self) -> Plan:
        """Ask everything at once, then work out what follows from the answers."""
        account = self._account
        asked = [self._ask(about, partial(_listed, check), list[Found]()) for about, check in checks(account)]
        limits = [
            self._ask("the quotas of Aurora", lambda: list(quotas.account_quotas(account)), list[Quota]()),
            self._ask("the vCPU quota", lambda: list(quotas.spark_quota(account)), list[Quota]()),
            self._ask("the quotas of DynamoDB", lambda: list(quotas.dynamodb_quotas(account)), list[Quota]()),
            self._ask("the history's bound", lambda: list(quotas.history_quota(account)), list[Quota]()),
        ]
        volumes = [
            self._ask(
                f"the volume of {c.identifier}",
                partial(sizes.volume, account, c),
                Volume(c.identifier, NOT_KNOWN, None, NOT_KNOWN),
            )
            for c in account.clusters
        ]
        answers = [
            self._ask(f"the statistics of {c.identifier}", partial(statistics, account, c), None)
            for c in account.clusters
        ]
        manifest = self._ask("the last Bootstrap", partial(last_manifest, account), None)
        usage = self._ask("what the last run used", partial(last_usage, account), None)
        expected = self._ask(
            "the times of earlier runs", partial(expect, account.environment, account.request.domain), Expectation()
        )
        capacity = self._ask("the application's capacity", partial(spark.vcpu, account), None)
        clone_class = self._ask("the class of a clone", lambda: account.clone_class, None)

        vcpu, last, used = capacity.result(), manifest.result(), usage.result()
        known = [answer for answer in (one.result() for one in answers) if answer is not None]
        bounds = [one.result() for one in volumes]
        found = sizes.reads(account, known, last)
        planned = sizes.tables(account, found, last, vcpu)
        sums = sizes.totals(found, planned, bounds)
        timed = expected.result()
        if timed.problem:
            self._unanswered.append(Finding("unchecked", "the times of earlier runs", timed.problem, _TODO))
        phases = times.phases(sums, timed, last, vcpu)
        vcpu_hours, vcpu_source = times.vcpu_hours(sums, used, last)
        all_quotas = [quota for one in limits for quota in one.result()]
        all_quotas += quotas.data_quotas(account, planned, sums)
        events = next((q.needed for q in all_quotas if q.name.startswith("history events")), None)
        prices = load_prices()
        work = costs.Work(
            totals=sums,
            phases=phases,
            clones=len(account.clusters),
            clone_class=clone_class.result(),
            vcpu_hours=vcpu_hours,
            # A state is two events or more.
            transitions=used.events // 2 if used else None if events is None else events // 2,
        )
        told = [entry for one in asked for entry in one.result()]
        findings = [entry for entry in told if isinstance(entry, Finding)]
        findings += [quotas.passed(quota) for quota in all_quotas if quota.passed]
        environment, request = account.environment, account.request
        return Plan(
            environment=environment.name,
            account=environment.account,
            region=environment.region,
            domain=request.domain,
            mode=request.mode,
            parallelism=request.parallelism,
            run=request.run_id,
            moment=dt.datetime.now(dt.UTC),
            all_findings=tuple(findings + self._unanswered),
            notes=tuple(entry for entry in told if isinstance(entry, str)),
            volumes=tuple(bounds),
            reads=tuple(found),
            tables=tuple(planned),
            totals=sums,
            quotas=tuple(all_quotas),
            phases=tuple(phases),
            vcpu_hours=vcpu_hours,
            history_events=events,
            costs=tuple(costs.costs(work, prices)),
            monthly=tuple(costs.monthly(sums, prices)),
            prices_date=prices.date,
            sources={
                "vcpuHours": vcpu_source,
                "transitions": f"at most half the events of {f'the run {used.run}' if used else 'the worst case'}",
                **{one.cluster: one.reason for one in known if one.reason},
            },
        )

    def _ask(self, about: str, look: Callable[[], _Answer], otherwise: _Answer) -> Future[_Answer]:
        """Look something up in a thread; what AWS refuses to tell is noted, and answered with `otherwise`."""

        def look_up() -> _Answer:
            try:
                return look()
            except (BotoCoreError, ClientError, ResponseParserError) as error:
                self._unanswered.append(Finding("unchecked", about, f"not checked: {reason(error)}", _TODO))
            return otherwise

        return self._pool.submit(look_up)


def _listed(check: Callable[[], Iterable[Found]]) -> list[Found]:
    return list(check())
