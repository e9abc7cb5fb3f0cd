"""A committed stack file works for people and workflows, which share the empty passphrase."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
import yaml
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.workflow import WORKFLOWS, load

ROOT = Path(__file__).parents[3]
FILES = sorted(ROOT.glob("Pulumi.*.yaml"))
# https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/config/crypt.go
ROUNDS, KEY_BYTES = 1_000_000, 32


def belongs_to(state: str, passphrase: str) -> bool:
    """Return whether a salt, as Pulumi writes it, belongs to a passphrase."""
    version, salt, secret_version, nonce, secret = state.split(":")
    assert (version, secret_version) == ("v1", "v1")
    key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), base64.b64decode(salt), ROUNDS, KEY_BYTES)
    try:
        return AESGCM(key).decrypt(base64.b64decode(nonce), base64.b64decode(secret), None) == b"pulumi"
    except InvalidTag:
        return False


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_committed_salt_belongs_to_the_empty_passphrase(path: Path) -> None:
    document = yaml.safe_load(path.read_text("utf-8"))

    assert set(document) <= {"config", "encryptionsalt"}, "docs/deploying.md says why there is no other way to encrypt"
    salt = document.get("encryptionsalt")  # not there before `pulumi stack init`
    assert salt is None or belongs_to(salt, "")


def test_the_salts_of_both_stacks_are_committed_and_belong_to_no_other_passphrase() -> None:
    for path in (ROOT / "Pulumi.test.yaml", ROOT / "Pulumi.prod.yaml"):
        assert not belongs_to(yaml.safe_load(path.read_text("utf-8"))["encryptionsalt"], "another")


def test_workflows_use_the_empty_passphrase() -> None:
    assert load(WORKFLOWS / "deploy.yml")["env"] == {"PULUMI_CONFIG_PASSPHRASE": ""}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_stack_file_holds_a_secret(path: Path) -> None:
    assert "secure:" not in path.read_text("utf-8")


def test_the_program_runs_in_the_folder_that_make_installs() -> None:
    runtime = yaml.safe_load((ROOT / "Pulumi.yaml").read_text("utf-8"))["runtime"]

    assert runtime == {"name": "python", "options": {"toolchain": "pip", "virtualenv": ".venv"}}
