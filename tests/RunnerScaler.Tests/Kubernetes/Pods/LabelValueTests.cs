using System.Text.RegularExpressions;
using CsCheck;
using RunnerScaler.Kubernetes.Pods;

namespace RunnerScaler.Tests.Kubernetes.Pods;

public sealed partial class LabelValueTests
{
    [Theory]
    [InlineData("acme.app", "acme.app")]
    [InlineData("Nightly_build-2", "Nightly_build-2")]
    [InlineData("CI / nightly", "CI---nightly-faebc321")]
    [InlineData("acme.app-", "acme.app-e6133f79")]
    [InlineData("<script>", "script-5b63e5b2")]
    [InlineData("日本", "cf2abf0c")]
    [InlineData("", "e3b0c442")]
    public void WhatFitsStaysAndWhatDoesNotIsMadeToFit(string text, string value) =>
        Assert.Equal(value, LabelValue.Fit(text));

    [Fact]
    public void TwoLongNamesStayTwo()
    {
        var (one, other) = (LabelValue.Fit(new string('x', 100)), LabelValue.Fit(new string('x', 101)));
        Assert.NotEqual(one, other);
        Assert.Equal(63, one.Length);
    }

    [Fact]
    public void EverythingBecomesAValueAndAValueStaysOne() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["aZ9-._ /<"], 0, 80]).Sample(text =>
        {
            var value = LabelValue.Fit(text);
            Assert.Matches(Value(), value);
            Assert.Equal(value, LabelValue.Fit(value));
        });

    [GeneratedRegex("^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")]
    private static partial Regex Value();
}
