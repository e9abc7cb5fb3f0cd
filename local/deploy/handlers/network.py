"""Security groups, parameter groups, and the account's data sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.deploy.cloud import tag_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.deploy.cloud import Cloud, Inputs, Made


def _security_group(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    ec2 = cloud.client("ec2")
    group = ec2.create_security_group(
        GroupName=inputs.get("name", name), Description=inputs["description"], VpcId=inputs["vpcId"]
    )["GroupId"]
    # AWS adds a rule that allows all egress to a new group; Pulumi's provider removes it.
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=everything)
    ec2.create_tags(Resources=[group], Tags=tag_list(inputs.get("tags")))
    return group, {"arn": cloud.arn("ec2", f"security-group/{group}")}


def _permission(inputs: Inputs) -> list[dict[str, Any]]:
    rule: dict[str, Any] = {"IpProtocol": inputs["ipProtocol"]}
    for ours, theirs in (("fromPort", "FromPort"), ("toPort", "ToPort")):
        if ours in inputs:
            rule[theirs] = int(inputs[ours])
    if "cidrIpv4" in inputs:
        rule["IpRanges"] = [{"CidrIp": inputs["cidrIpv4"]}]
    if "referencedSecurityGroupId" in inputs:
        rule["UserIdGroupPairs"] = [{"GroupId": inputs["referencedSecurityGroupId"]}]
    return [rule]


def _ingress(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    cloud.client("ec2").authorize_security_group_ingress(
        GroupId=inputs["securityGroupId"], IpPermissions=_permission(inputs)
    )
    return name, {}


def _egress(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    cloud.client("ec2").authorize_security_group_egress(
        GroupId=inputs["securityGroupId"], IpPermissions=_permission(inputs)
    )
    return name, {}


def _cluster_parameter_group(cloud: Cloud, name: str, inputs: Inputs) -> Made:
    group = inputs.get("name", name)
    rds = cloud.client("rds")
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName=group,
        DBParameterGroupFamily=inputs["family"],
        Description=inputs["description"],
        Tags=tag_list(inputs.get("tags")),
    )
    parameters = [
        {"ParameterName": entry["name"], "ParameterValue": entry["value"], "ApplyMethod": entry["applyMethod"]}
        for entry in inputs["parameters"]
    ]
    rds.modify_db_cluster_parameter_group(DBClusterParameterGroupName=group, Parameters=parameters)
    return group, {"name": group, "arn": cloud.arn("rds", f"cluster-pg:{group}")}


def _vpc_endpoint(cloud: Cloud, _name: str, inputs: Inputs) -> Made:
    made = cloud.client("ec2").create_vpc_endpoint(
        VpcId=inputs["vpcId"],
        VpcEndpointType=inputs["vpcEndpointType"],
        ServiceName=inputs["serviceName"],
        RouteTableIds=inputs["routeTableIds"],
        TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": tag_list(inputs.get("tags"))}],
    )["VpcEndpoint"]["VpcEndpointId"]
    return made, {"arn": cloud.arn("ec2", f"vpc-endpoint/{made}")}


def _caller(cloud: Cloud, _inputs: Inputs) -> dict[str, Any]:
    identity = cloud.client("sts").get_caller_identity()
    return {
        "id": identity["Account"],
        "accountId": identity["Account"],
        "arn": identity["Arn"],
        "userId": identity["UserId"],
    }


def _filters(inputs: Inputs) -> list[dict[str, Any]]:
    tags = [{"Name": f"tag:{name}", "Values": [value]} for name, value in (inputs.get("tags") or {}).items()]
    return tags + [{"Name": entry["name"], "Values": entry["values"]} for entry in inputs.get("filters") or []]


def _vpc(cloud: Cloud, inputs: Inputs) -> dict[str, Any]:
    (vpc,) = cloud.client("ec2").describe_vpcs(Filters=_filters(inputs))["Vpcs"]
    return {"id": vpc["VpcId"], "cidrBlock": vpc["CidrBlock"]}


def _subnets(cloud: Cloud, inputs: Inputs) -> dict[str, Any]:
    subnets = cloud.client("ec2").describe_subnets(Filters=_filters(inputs))["Subnets"]
    return {"id": cloud.region, "ids": [subnet["SubnetId"] for subnet in subnets]}


def _route_tables(cloud: Cloud, inputs: Inputs) -> dict[str, Any]:
    tables = cloud.client("ec2").describe_route_tables(Filters=_filters(inputs))["RouteTables"]
    return {"id": cloud.region, "ids": [table["RouteTableId"] for table in tables], "vpcId": inputs["vpcId"]}


def _cluster(cloud: Cloud, inputs: Inputs) -> dict[str, Any]:
    identifier = inputs["clusterIdentifier"]
    (cluster,) = cloud.client("rds").describe_db_clusters(DBClusterIdentifier=identifier)["DBClusters"]
    return {
        "id": identifier,
        "clusterIdentifier": identifier,
        "engine": cluster["Engine"],
        "engineVersion": cluster["EngineVersion"],
        "storageEncrypted": cluster.get("StorageEncrypted", False),
        "kmsKeyId": cluster.get("KmsKeyId", ""),
    }


HANDLERS: dict[str, Callable[[Cloud, str, Inputs], Made]] = {
    "aws:ec2/securityGroup:SecurityGroup": _security_group,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _ingress,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _egress,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _vpc_endpoint,
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": _cluster_parameter_group,
}
SOURCES: dict[str, Callable[[Cloud, Inputs], dict[str, Any]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
    "aws:ec2/getVpc:getVpc": _vpc,
    "aws:ec2/getRouteTables:getRouteTables": _route_tables,
    "aws:rds/getCluster:getCluster": _cluster,
    "aws:ec2/getSubnets:getSubnets": _subnets,
}
