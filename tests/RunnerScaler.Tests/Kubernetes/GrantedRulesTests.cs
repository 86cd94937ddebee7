using System.Text.Json;
using RunnerScaler.Kubernetes;

namespace RunnerScaler.Tests.Kubernetes;

public sealed class GrantedRulesTests
{
    [Theory]
    [InlineData("get", "", "pods", "", true)]
    [InlineData("delete", "", "pods", "", false)]
    [InlineData("get", "apps", "pods", "", false)]
    [InlineData("patch", "runnerscaler.io", "runnerpools/status", "", true)]
    [InlineData("patch", "runnerscaler.io", "runnerpools", "", false)]
    [InlineData("patch", "runnerscaler.io", "runnerpools/scale", "", false)]
    [InlineData("update", "coordination.k8s.io", "leases", "runnerscaler", true)]
    [InlineData("update", "coordination.k8s.io", "leases", "other", false)]
    [InlineData("update", "coordination.k8s.io", "leases", "", false)]
    [InlineData("create", "events.k8s.io", "events", "", true)]
    [InlineData("create", "apps", "deployments/scale", "", true)]
    [InlineData("create", "apps", "deployments/status", "", false)]
    public void ARuleGrantsWhatItCovers(string verb, string group, string resource, string name, bool granted)
    {
        var rules = Read("""
            {"resourceRules":[
              {"verbs":["get","list"],"apiGroups":[""],"resources":["pods"]},
              {"verbs":["patch"],"apiGroups":["runnerscaler.io"],"resources":["*/status"]},
              {"verbs":["*"],"apiGroups":["coordination.k8s.io"],"resources":["leases"],
               "resourceNames":["runnerscaler"]},
              {"verbs":["create"],"apiGroups":["*"],"resources":["events"]},
              {"verbs":["create"],"apiGroups":["apps"],"resources":["*/scale"]}]}
            """);
        Assert.Equal(granted, rules.Cover(new(group, new(verb, resource, "ci", name))));
    }

    [Theory]
    [InlineData("get", "/openid/v1/jwks", true)]
    [InlineData("get", "/openid/v1/other", true)]
    [InlineData("get", "/.well-known/openid-configuration", true)]
    [InlineData("get", "/.well-known/other", false)]
    [InlineData("get", "/openid", false)]
    [InlineData("post", "/openid/v1/jwks", false)]
    public void ARuleGrantsPaths(string verb, string path, bool granted)
    {
        var rules = Read("""
            {"resourceRules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}],
             "nonResourceRules":[7,null,{"verbs":["get"]},
              {"verbs":["get"],"nonResourceURLs":["/openid/v1/*","/.well-known/openid-configuration"]}]}
            """);
        Assert.Equal(granted, rules.Cover(new("", new(verb, path, "", ""))));
    }

    [Fact]
    public void AStarGrantsEverything()
    {
        var rules = Read("""{"resourceRules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}]}""");
        Assert.True(rules.Cover(new("runnerscaler.io", new("patch", "runnerpools/status", "", ""))));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"resourceRules":null}""")]
    [InlineData("""{"resourceRules":{"verbs":["*"]}}""")]
    [InlineData("""{"resourceRules":[7,null,{"verbs":"*","apiGroups":["*"],"resources":["*"]}]}""")]
    [InlineData("""{"resourceRules":[{"verbs":["*"],"apiGroups":[7],"resources":["*"]}]}""")]
    public void WhatCannotBeReadGrantsNothing(string status) =>
        Assert.False(Read(status).Cover(new("", new("get", "pods", "", ""))));

    private static GrantedRules Read(string status)
    {
        using var document = JsonDocument.Parse(status);
        return GrantedRules.Read(document.RootElement);
    }
}
