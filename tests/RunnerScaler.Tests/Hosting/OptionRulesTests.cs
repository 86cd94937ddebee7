using Microsoft.Extensions.Options;
using RunnerScaler.Hosting;

namespace RunnerScaler.Tests.Hosting;

public sealed class OptionRulesTests
{
    /// <summary>Without these nothing starts.</summary>
    private static readonly (string Path, string Value)[] needed = [];

    [Theory]
    [InlineData("Process:LogFormat", "xml", "is 'xml': set one of Simple, Json.")]
    [InlineData("Process:LogFormat", "1", "is '1': set one of Simple, Json.")]
    [InlineData("Process:StopWithin", "0", "is 0: set 1s to 10m.")]
    [InlineData("Process:StopWithin", "30", "is '30': set a time such as 250ms, 30s, 5m or 1h30m.")]
    [InlineData("Web:Address", "localhost", "is 'localhost': set an IP address, or * for all.")]
    [InlineData("Web:ClaimsAddress", "", "is '': set an IP address, or * for all.")]
    [InlineData("Web:Port", "http", "is 'http': set a whole number.")]
    [InlineData("Web:Port", "-1", "is -1: set 0 to 65535.")]
    [InlineData("Web:ClaimsPort", "65536", "is 65536: set 0 to 65535.")]
    [InlineData(
        "Web:ClaimsPort", "8080", "is 8080, as is Web:Port (RUNNERSCALER__Web__Port): set two different ports.")]
    [InlineData("Web:MaxHeldClaims", "0", "is 0: set 1 to 100000.")]
    [InlineData("Control:WriteParallelism", "257", "is 257: set 1 to 256.")]
    [InlineData("Control:PassSpacing", "11s", "is 11s: set 0 to 10s.")]
    [InlineData("Control:Resync", "1s", "is 1s: set 5s to 10m.")]
    [InlineData("Control:ClaimHold", "1m", "is 1m: set 1s to 55s.")]
    [InlineData("Control:SweepPeriod", "2h", "is 2h: set 30s to 1h.")]
    [InlineData(
        "Web:Prot", "1", "is no option: those of Web are Address, ClaimsAddress, ClaimsPort, MaxHeldClaims, Port.")]
    [InlineData("Web", "8080", "is a section: set one of its options.")]
    public void AWrongValueIsToldWithItsVariable(string path, string value, string rest)
    {
        var variable = $"RUNNERSCALER__{path.Replace(":", "__", StringComparison.Ordinal)}";
        Assert.Equal([$"{path} ({variable}) {rest}"], Problems((path, value)));
    }

    [Fact]
    public void AnOptionIsNoSection() => Assert.Equal(
        ["Web:Port (RUNNERSCALER__Web__Port) is '': set a whole number."], Problems(("Web:Port:Number", "8080")));

    [Fact]
    public void AnUnknownSectionIsToldWithTheKnownOnes() => Assert.StartsWith(
        "Wbe (RUNNERSCALER__Wbe) is no option: the sections are Control, ",
        Assert.Single(Problems(("Wbe:Port", "8080"))),
        StringComparison.Ordinal);

    [Fact]
    public void AllFaultsAreToldAtOnce()
    {
        var problems =
            Problems(("Web:Port", "x"), ("Web:Address", "y"), ("Control:Resync", "1s"), ("Process:Color", "red"));

        Assert.Equal(4, problems.Count);
        foreach (var variable in (string[])["Web__Port", "Web__Address", "Control__Resync", "Process__Color"])
            Assert.Single(problems, p => p.Contains($"(RUNNERSCALER__{variable})", StringComparison.Ordinal));
    }

    [Fact]
    public void WhatIsNeededIsEnough() => Assert.Empty(Problems());

    [Theory]
    [InlineData("Process:LogFormat", "json")]
    [InlineData("process:loglevel", "DEBUG")]
    [InlineData("Process:StopWithin", "1m30s")]
    [InlineData("Process:StopWithin", "00:01:30")]
    [InlineData("Web:Address", "::1")]
    [InlineData("Web:Port", "0")]
    [InlineData("Control:PassSpacing", "0")]
    public void ARightValueIsTaken(string path, string value)
    {
        Assert.Empty(Problems((path, value)));
        Assert.NotEqual(Shown(path, []), Shown(path, [(path, value)]));
    }

    [Fact]
    public void TwoFreePortsAreNoClash() => Assert.Empty(Problems(("Web:Port", "0"), ("Web:ClaimsPort", "0")));

    [Fact]
    public void EnvironmentVariablesNameOptionsByDoubleUnderscores()
    {
        Environment.SetEnvironmentVariable("RUNNERSCALER__Web__MaxHeldClaims", "77");
        try
        {
            var options = ScalerOptions.Read(new ConfigurationBuilder().AddEnvironmentVariables().Build());
            Assert.Equal(77, options.Web.MaxHeldClaims);
        }
        finally
        {
            Environment.SetEnvironmentVariable("RUNNERSCALER__Web__MaxHeldClaims", null);
        }
    }

    private static string Shown(string path, (string, string)[] given) => OptionReader
        .All(ScalerOptions.Read(Configuration(given)))
        .Single(option => option.Path.Equals(path, StringComparison.OrdinalIgnoreCase)).Value;

    private static IReadOnlyList<string> Problems(params (string Path, string Value)[] given)
    {
        var configuration = Configuration([.. needed, .. given]);
        var result = new OptionRules(configuration).Validate(Options.DefaultName, ScalerOptions.Read(configuration));
        return [.. result.Failures ?? []];
    }

    private static IConfiguration Configuration((string Path, string Value)[] given) => new ConfigurationBuilder()
        .AddInMemoryCollection(given.Select(g => KeyValuePair.Create($"RunnerScaler:{g.Path}", (string?)g.Value)))
        .Build();
}
