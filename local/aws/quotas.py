"""Service Quotas: the limits that a migration needs, and requests to raise one.

moto has only those of VPCs. https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/
"""

from __future__ import annotations

import json
from typing import Any

from moto.servicequotas.exceptions import NoSuchResource
from moto.servicequotas.models import ServiceQuotasBackend
from moto.servicequotas.responses import ServiceQuotasResponse

from local.aws.seams import replace

_DEFAULTS = {
    ("rds", "L-952B80B8"): ("DB clusters", 40.0),
    ("rds", "L-7B6409FD"): ("DB instances", 40.0),
    ("emr-serverless", "L-D05C8A75"): ("Max concurrent vCPUs per account", 16.0),
    ("dynamodb", "L-F98FE922"): ("Maximum number of tables", 2500.0),
}


def install() -> None:
    """Answer with the account's own limits."""
    original = ServiceQuotasBackend.get_service_quota

    def get(self: Any, service_code: str, quota_code: str) -> dict[str, Any]:
        known = _DEFAULTS.get((service_code, quota_code))
        if known is None:
            answer: dict[str, Any] = original(self, service_code, quota_code)
            return answer
        name, default = known
        value = self.__dict__.setdefault("embedded_raised", {}).get((service_code, quota_code), default)
        return {
            "ServiceCode": service_code,
            "QuotaCode": quota_code,
            "QuotaName": name,
            "Value": value,
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }

    replace(ServiceQuotasBackend, "get_service_quota", get)
    ServiceQuotasResponse.request_service_quota_increase = _raise_quota


def _raise_quota(self: Any) -> str:
    """Grant the requested value at once; AWS takes days."""
    asked = json.loads(self.body)
    key = asked["ServiceCode"], asked["QuotaCode"]
    if key not in _DEFAULTS:
        raise NoSuchResource
    self.backend.__dict__.setdefault("embedded_raised", {})[key] = float(asked["DesiredValue"])
    return json.dumps({"RequestedQuota": {**asked, "Status": "APPROVED"}})
