using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Tests.Scaling;

public sealed class GroupRulesTests
{
    [Theory]
    [InlineData("All", true, false, null)]
    [InlineData("All", true, true, null)]
    [InlineData("All", false, false, null)]
    [InlineData("All", false, true, "closed to public repositories")]
    [InlineData("Private", true, true, "closed to public repositories")]
    [InlineData("Private", false, false, null)]
    [InlineData("Unknown", true, true, null)]
    public void WhatAGroupIsClosedToIsSaid(string visibility, bool allowsPublic, bool isPublic, string? said)
    {
        var rules = new GroupRules("g", Enum.Parse<GroupVisibility>(visibility), allowsPublic, null, null);
        Check(said, rules.Excludes(Given.Repository(), isPublic));
    }

    [Theory]
    [InlineData("app lib", null)]
    [InlineData("lib", "acme/app is none of them")]
    [InlineData("", "acme/app is none of them")]
    [InlineData(null, null)]
    public void OnlySelectedRepositoriesMayUseAGroupThatIsSelective(string? selected, string? said)
    {
        ImmutableSortedSet<string>? open = selected is null ? null : [.. Given.Labels(selected)];
        var rules = new GroupRules("g", GroupVisibility.Selected, true, open, null);
        Check(said, rules.Excludes(Given.Repository(), false));
    }

    [Fact]
    public void RestrictionsToWorkflowsAreNamedButNotAllOfThem()
    {
        var rules = new GroupRules(
            "g", GroupVisibility.All, true, null, [.. Enumerable.Range(0, 50).Select(i => $"w{i}")]);
        var said = rules.Excludes(Given.Repository(), false)!;
        Assert.Contains("'w0', 'w1', 'w2', …", said, StringComparison.Ordinal);
        Assert.Null((rules with { Workflows = null }).Excludes(Given.Repository(), false));
    }

    [Fact]
    public void RulesThatSayTheSameAreEqual()
    {
        GroupRules Rules(string workflow = "w") => new("g", GroupVisibility.Selected, true, ["a", "b"], [workflow]);
        Assert.Equal(Rules(), Rules());
        Assert.Equal(Rules().GetHashCode(), Rules().GetHashCode());
        Assert.NotEqual(Rules(), Rules("v"));
        Assert.NotEqual(Rules(), Rules() with { Repositories = ["a"] });
        Assert.NotEqual(Rules(), Rules() with { AllowsPublic = false });
    }

    private static void Check(string? expected, string? said)
    {
        if (expected is null)
            Assert.Null(said);
        else
            Assert.Contains(expected, said, StringComparison.Ordinal);
    }
}
