"""The stack file's `notify` declares topic subscriptions and chat channels, which have no further rights."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from local.deploy.recorder import record
from policy import privilege, safety, settings
from policy.resource import Resource

TEAM, TENANT = "0a1b2c3d-0000-4000-8000-00000000000a", "0a1b2c3d-0000-4000-8000-00000000000b"
NOTIFY = [
    {"protocol": "email", "endpoint": "team@company.example"},
    {"protocol": "https", "endpoint": "https://events.company.example/migration"},
    {"protocol": "slack", "endpoint": "T0123ABCD/C0456EFGH"},
    {"protocol": "teams", "endpoint": f"{TEAM}/{TENANT}/19%3aab%40thread.tacv2"},
]
TOPIC = "${migration-test-notifications.arn}"
SLACK = "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration"
TEAMS = "aws:chatbot/teamsChannelConfiguration:TeamsChannelConfiguration"


@pytest.fixture(scope="module")
def declared() -> dict[str, list[Resource]]:
    made: dict[str, list[Resource]] = {}
    for resource in record("test", {"notify": json.dumps(NOTIFY)}).resources.values():
        made.setdefault(resource.kind, []).append(
            Resource(kind=resource.kind, name=resource.name, properties=resource.inputs)
        )
    return made


def test_mail_and_https_are_subscriptions_of_the_topic(declared: dict[str, list[Resource]]) -> None:
    subscriptions = [
        subscription.properties for subscription in declared["aws:sns/topicSubscription:TopicSubscription"]
    ]

    assert sorted(
        (subscription["topic"], subscription["protocol"], subscription["endpoint"]) for subscription in subscriptions
    ) == [
        (TOPIC, "email", "team@company.example"),
        (TOPIC, "https", "https://events.company.example/migration"),
    ]


def test_a_channel_shows_the_topic_and_may_do_nothing(declared: dict[str, list[Resource]]) -> None:
    (slack,), (teams,) = declared[SLACK], declared[TEAMS]
    roles = [role for role in declared["aws:iam/role:Role"] if role.name == "migration-test-chat"]
    policies = [policy.properties["role"] for policy in declared["aws:iam/rolePolicy:RolePolicy"]]

    assert (slack.properties["slackTeamId"], slack.properties["slackChannelId"]) == ("T0123ABCD", "C0456EFGH")
    assert (teams.properties["teamId"], teams.properties["tenantId"]) == (TEAM, TENANT)
    assert teams.properties["channelId"] == "19%3aab%40thread.tacv2"
    for channel in (slack, teams):
        assert channel.properties["snsTopicArns"] == [TOPIC]
        assert channel.properties["guardrailPolicyArns"] == ["arn:aws:iam::aws:policy/AWSDenyAll"]
        assert channel.properties["iamRoleArn"] == "${migration-test-chat.arn}"
    assert len(roles) == 1
    assert "${migration-test-chat.name}" not in policies


def test_what_is_made_for_them_passes_the_security_rules(declared: dict[str, list[Resource]]) -> None:
    problems = [
        f"{resource.name}: {problem}"
        for kinds in declared.values()
        for resource in kinds
        for rule in (*privilege.RULES, *safety.RULES, *settings.RULES)
        for problem in rule.check(resource)
    ]

    assert problems == []


def test_without_the_setting_nobody_is_subscribed() -> None:
    kinds = {resource.kind for resource in record("test").resources.values()}

    assert kinds.isdisjoint({"aws:sns/topicSubscription:TopicSubscription", SLACK, TEAMS})


def test_each_alarm_links_its_runbook_and_tells_the_topic_when_it_fires_and_when_it_ends(
    declared: dict[str, list[Resource]],
) -> None:
    alarms = declared["aws:cloudwatch/metricAlarm:MetricAlarm"]

    assert len(alarms) > 10
    for alarm in alarms:
        link = re.search(r" What to do: (\S+)$", alarm.properties["alarmDescription"])
        assert link is not None
        repository, page = link[1].split("/blob/HEAD/")
        assert repository == "https://github.com/hotel-platform/rates-avail-migration-bootstrap"
        assert Path(page).is_file()
        assert (alarm.properties["alarmActions"], alarm.properties["okActions"]) == ([TOPIC], [TOPIC])
