"""Settings: where they come from, and how bad ones are refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from node.configuration import MASK, sample_file, settings_in_force
from node.settings import Settings, SettingsError, load_settings

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no file of whoever runs the tests."""
    for name in list(os.environ):
        if name.startswith("HELIOGRAPH_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def refusal(**overrides: object) -> str:
    """What the refusal to load the settings says."""
    with pytest.raises(SettingsError) as caught:
        load_settings(**overrides)
    return str(caught.value)


def test_a_node_needs_no_settings_at_all() -> None:
    settings = load_settings()
    assert settings.base_url == "http://localhost:8000"
    assert settings.database == "sqlite://data/heliograph.db"
    assert settings.domain == "localhost:8000"


def test_without_a_public_address_the_node_is_known_by_its_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOGRAPH_PORT", "8100")
    assert load_settings().base_url == "http://localhost:8100"
    assert load_settings(port=8200).base_url == "http://localhost:8200"
    monkeypatch.setenv("HELIOGRAPH_BASE_URL", "https://photos.example")
    assert load_settings(port=8200).base_url == "https://photos.example"


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("heliograph.toml").write_text('title = "From the file"\nport = 8300\n[mail]\nsmtp_host = "mail.example"\n')
    monkeypatch.setenv("HELIOGRAPH_TITLE", "From the environment")
    monkeypatch.setenv("HELIOGRAPH_MAIL__SMTP_PORT", "25")
    settings = load_settings()
    assert settings.title == "From the environment"
    assert settings.port == 8300
    assert (settings.mail.smtp_host, settings.mail.smtp_port) == ("mail.example", 25)


def test_the_file_may_be_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.toml"
    elsewhere.write_text('title = "Elsewhere"\n')
    monkeypatch.setenv("HELIOGRAPH_CONFIG", str(elsewhere))
    assert load_settings().title == "Elsewhere"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HELIOGRAPH_PORT", "many"),
        ("HELIOGRAPH_PORT", "70000"),
        ("HELIOGRAPH_BASE_URL", "photos.example"),
        ("HELIOGRAPH_BASE_URL", "https://photos.example/under/a/path"),
        ("HELIOGRAPH_BASE_URL", "http://photos.example"),
        ("HELIOGRAPH_DATABASE_URL", "mysql://localhost/photos"),
        ("HELIOGRAPH_REDIS_URL", "localhost:6379"),
        ("HELIOGRAPH_LOG_LEVEL", "loud"),
        ("HELIOGRAPH_LANGUAGES", "en"),
        ("HELIOGRAPH_MAIL__SMTP_SECURITY", "maybe"),
        ("HELIOGRAPH_MEDIA__MAX_ATTACHMENTS", "21"),
        ("HELIOGRAPH_FEDERATION__ENABLED", "perhaps"),
        ("HELIOGRAPH_REGISTRATIONS__MODE", "ajar"),
        ("HELIOGRAPH_JOB_WORKERS", "0"),
        ("HELIOGRAPH_MAIL", "not json"),
    ],
)
def test_a_bad_value_is_refused_by_name(variable: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    assert f"{variable}:" in refusal()


def test_every_bad_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOGRAPH_PORT", "-1")
    monkeypatch.setenv("HELIOGRAPH_MAIL__SMTP_PORT", "x")
    monkeypatch.setenv("HELIOGRAPH_TYTLE", "x")
    lines = refusal().splitlines()
    assert {line.split(":")[0] for line in lines} == {
        "HELIOGRAPH_PORT",
        "HELIOGRAPH_MAIL__SMTP_PORT",
        "HELIOGRAPH_TYTLE",
    }


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("HELIOGRAPH_PRT", "HELIOGRAPH_PORT"),
        ("HELIOGRAPH_MAIL__SMTP_HOTS", "HELIOGRAPH_MAIL__SMTP_HOST"),
        ("HELIOGRAPH_SMTP_HOST", "HELIOGRAPH_MAIL__SMTP_HOST"),
    ],
)
def test_an_unknown_variable_is_refused_and_the_likely_one_named(
    variable: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "x")
    assert refusal().splitlines() == [f"{variable}: no such setting; did you mean {meant}?"]


def test_an_unknown_name_in_the_file_is_refused() -> None:
    Path("heliograph.toml").write_text('[mail]\nsmtp_hots = "mail.example"\n')
    assert refusal() == "HELIOGRAPH_MAIL__SMTP_HOTS: no such setting; did you mean HELIOGRAPH_MAIL__SMTP_HOST?"


def test_a_file_that_is_no_toml_is_refused_with_the_place() -> None:
    Path("heliograph.toml").write_text("title = \n")
    assert refusal().startswith("heliograph.toml: ")
    assert "line 1" in refusal()


def test_a_file_that_is_named_but_missing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOGRAPH_CONFIG", "nowhere.toml")
    assert refusal() == "HELIOGRAPH_CONFIG: there is no file nowhere.toml"


def test_an_empty_value_of_something_optional_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAIL__SMTP_HOST", "MAIL__SMTP_USER", "MAIL__SMTP_PASSWORD", "REDIS_URL", "SECRET_KEY"):
        monkeypatch.setenv(f"HELIOGRAPH_{name}", "")
    settings = load_settings()
    assert settings.mail.smtp_host is None
    assert settings.mail.smtp_user is None
    assert settings.mail.smtp_password is None
    assert settings.redis_url is None
    assert settings.secret_key is None


def test_an_address_without_https_is_only_for_this_machine_or_for_tests() -> None:
    assert load_settings(base_url="http://127.0.0.1:8000").domain == "127.0.0.1:8000"
    assert load_settings(base_url="http://a.localhost").domain == "a.localhost"
    allowed = load_settings(base_url="http://node.test", federation={"allow_private_networks": True})
    assert allowed.domain == "node.test"


def test_every_setting_is_described() -> None:
    for setting in settings_in_force(load_settings()):
        assert len(setting.description) > 10, setting.variable


def test_secrets_are_masked_where_settings_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELIOGRAPH_SECRET_KEY", "unspeakable")
    monkeypatch.setenv("HELIOGRAPH_MAIL__SMTP_PASSWORD", "unspeakable")
    monkeypatch.setenv("HELIOGRAPH_DATABASE_URL", "postgres://helio:unspeakable@db.example/photos")
    monkeypatch.setenv("HELIOGRAPH_REDIS_URL", "redis://:unspeakable@redis.example/0")
    shown = {setting.variable: setting.value for setting in settings_in_force(load_settings())}
    assert "unspeakable" not in str(shown)
    assert shown["HELIOGRAPH_DATABASE_URL"] == f"postgres://helio:{MASK}@db.example/photos"
    assert shown["HELIOGRAPH_MAIL__SMTP_PASSWORD"] == MASK


def test_it_is_shown_where_a_setting_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("heliograph.toml").write_text("port = 8300\n[media]\nworkers = 2\n")
    monkeypatch.setenv("HELIOGRAPH_TITLE", "Photos")
    sources = {setting.key: setting.source for setting in settings_in_force(load_settings())}
    assert sources["title"] == "HELIOGRAPH_TITLE"
    assert sources["port"] == "heliograph.toml"
    assert sources["media.workers"] == "heliograph.toml"
    assert sources["host"] == "default"


def test_the_sample_file_with_every_line_taken_in_is_the_defaults() -> None:
    lines = [line[1:] if line.startswith("#") and " = " in line[:40] else line for line in sample_file().splitlines()]
    Path("heliograph.toml").write_text("\n".join(lines))
    assert load_settings() == Settings()
    assert any(setting.source == "heliograph.toml" for setting in settings_in_force(load_settings()))


def test_the_sample_file_in_deploy_is_up_to_date() -> None:
    """Mend with: heliograph doctor --sample-config > deploy/heliograph.toml"""
    assert (PROJECT / "deploy" / "heliograph.toml").read_text() == sample_file()
