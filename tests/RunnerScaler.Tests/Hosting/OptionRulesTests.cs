using System.Reflection;
using Microsoft.Extensions.Options;
using RunnerScaler.Control.Work;
using RunnerScaler.Hosting;
using RunnerScaler.Protocol;

namespace RunnerScaler.Tests.Hosting;

public sealed class OptionRulesTests
{
    /// <summary>Without these nothing starts.</summary>
    private static readonly (string Path, string Value)[] needed =
        [("Kubernetes:ClaimsUrl", "https://runnerscaler.runnerscaler.svc:8443/claims")];

    [Theory]
    [InlineData("Process:LogFormat", "xml", "is 'xml': set one of Simple, Json.")]
    [InlineData("Process:LogFormat", "1", "is '1': set one of Simple, Json.")]
    [InlineData(
        "Process:LogLevel",
        "verbose",
        "is 'verbose': set one of Trace, Debug, Information, Warning, Error, Critical, None.")]
    [InlineData("Process:StopWithin", "0", "is 0: set 1s to 10m.")]
    [InlineData("Process:StopWithin", "30", "is '30': set a time such as 250ms, 30s, 5m or 1h30m.")]
    [InlineData("Web:Address", "localhost", "is 'localhost': set an IP address, or * for all.")]
    [InlineData("Web:ClaimsAddress", "", "is '': set an IP address, or * for all.")]
    [InlineData("Web:Port", "http", "is 'http': set a whole number.")]
    [InlineData("Web:Port", "-1", "is -1: set 0 to 65535.")]
    [InlineData("Web:ClaimsPort", "65536", "is 65536: set 0 to 65535.")]
    [InlineData(
        "Web:ClaimsPort", "8080", "is 8080, as is Web:Port (RUNNERSCALER__Web__Port): set two different ports.")]
    [InlineData("Web:WebhookSecrets", "/nowhere", "is '/nowhere', which is no folder: set one whose files each hold a "
        + "secret of GitHub's webhook, or nothing.")]
    [InlineData("Web:WebhooksAddress", "all", "is 'all': set an IP address, or * for all.")]
    [InlineData("Web:WebhooksPort", "8443", "is 8443, as is another port of Web: set three different ports.")]
    [InlineData("Web:MaxClaims", "0", "is 0: set 1 to 100000.")]
    [InlineData("Control:WriteParallelism", "257", "is 257: set 1 to 256.")]
    [InlineData("Control:PassSpacing", "11s", "is 11s: set 0 to 10s.")]
    [InlineData("Control:Resync", "1s", "is 1s: set 5s to 10m.")]
    [InlineData("Control:ClaimHold", "1m", "is 1m: set 1s to 55s.")]
    [InlineData("Control:HeldClaims", "0", "is 0: set 1 to 100000.")]
    [InlineData("Control:HeldClaims", "5000", "is 5000: set less than 5000, which is Web:MaxClaims "
        + "(RUNNERSCALER__Web__MaxClaims), since pods beyond that are not heard.")]
    [InlineData("Control:SweepPeriod", "2h", "is 2h: set 30s to 1h.")]
    [InlineData(
        "Web:Prot", "1",
        "is no option: those of Web are Address, Anonymous, ClaimsAddress, ClaimsPort, MaxClaims, Port, "
            + "WebhookSecrets, WebhooksAddress, WebhooksPort.")]
    [InlineData("Web:Anonymous", "yes", "is 'yes': set true or false.")]
    [InlineData(
        "Kubernetes:ClaimsUrl",
        "http://runnerscaler:8443/claims",
        "is 'http://runnerscaler:8443/claims': set the address under which pods reach the claims' port, such as "
            + "https://runnerscaler.runnerscaler.svc:8443/claims.")]
    [InlineData(
        "Kubernetes:ClaimsUrl",
        "",
        "is '': set the address under which pods reach the claims' port, such as "
            + "https://runnerscaler.runnerscaler.svc:8443/claims.")]
    [InlineData("Kubernetes:LeaseName", "", "is empty: set it.")]
    [InlineData("Kubernetes:ClaimsSecret", "", "is empty: set it.")]
    [InlineData("Kubernetes:LeaseDuration", "6m", "is 6m: set 5s to 5m.")]
    [InlineData("Kubernetes:RenewDeadline", "13s", "is 13s: set at most 12s.")]
    [InlineData("Kubernetes:RetryPeriod", "6s", "is 6s: set at most 5s.")]
    [InlineData("Kubernetes:TerminationGrace", "0", "is 0: set 1s to 1d.")]
    [InlineData(
        "Kubernetes:BuilderImage",
        "moby/buildkit:rootless",
        "is 'moby/buildkit:rootless': set an image with its digest (@sha256: and 64 hexadecimal digits), or nothing.")]
    [InlineData("Kubernetes:BuilderCpuRequest", "5", "is '5', and the limit is '4': set at most the limit.")]
    [InlineData("Kubernetes:BuilderMemoryRequest", "9Gi", "is '9Gi', and the limit is '8Gi': set at most the limit.")]
    [InlineData("Kubernetes:BuilderCpuLimit", "all", "is 'all': set an amount such as 500m or 2Gi, or nothing.")]
    [InlineData("Kubernetes:BuilderMemoryLimit", "-1", "is '-1': set an amount such as 500m or 2Gi, or nothing.")]
    [InlineData("Kubernetes:PodHttpProxy", "ftp://secret@x", "is no address of a proxy: set one such as "
        + "http://proxy.example.com:3128, or nothing.")]
    [InlineData("Kubernetes:PodHttpsProxy", "://", "is no address of a proxy: set one such as "
        + "http://proxy.example.com:3128, or nothing.")]
    [InlineData("Kubernetes:BuilderStateSize", "20", "is '20': set a whole number of Gi or Ti, such as 20Gi.")]
    [InlineData("Telemetry:OtlpEndpoint", "collector:4318", "is no address of a collector: set one such as "
        + "http://collector:4318, or nothing.")]
    [InlineData("Telemetry:OtlpEndpoint", "https://name:secret@collector", "is no address of a collector: set one such as "
        + "http://collector:4318, or nothing.")]
    [InlineData("Telemetry:TraceShare", "1.1", "is 1.1: set 0 to 1.")]
    [InlineData("GitHub:MinuteLimit", "100001", "is 100001: set 10 to 100000.")]
    [InlineData("GitHub:LimitScope", "Route", "is 'Route': set one of Total, Endpoint.")]
    [InlineData("GitHub:LimitContent", "80", "is '80': set true or false.")]
    [InlineData("GitHub:WriteReservePoints", "870", "is 870: set at most 869.")]
    [InlineData("GitHub:MaxConcurrentRequests", "101", "is 101: set 1 to 100.")]
    [InlineData("GitHub:ReadShare", "80%", "is '80%': set a number such as 0.8.")]
    [InlineData("GitHub:ReadShare", "1.2", "is 1.2: set 0.01 to 1.")]
    [InlineData(
        "GitHub:ReadShare",
        "0.06",
        "is 0.06: of the 5000 requests that GitHub allows in an hour it leaves none to read with, because "
            + "GitHub:JitReserve (RUNNERSCALER__GitHub__JitReserve) keeps 300 of it for registrations; set at least "
            + "0.061.")]
    [InlineData("GitHub:JitReserve", "-1", "is -1: set 0 to 10000.")]
    [InlineData("GitHub:HotPeriod", "500ms", "is 500ms: set 1s to 10m.")]
    [InlineData("GitHub:WarmPeriod", "2h", "is 2h: set 1s to 1h.")]
    [InlineData("GitHub:ColdPeriod", "2h", "is 2h: set 1s to 1h.")]
    [InlineData("GitHub:WarmMinimum", "31s", "is 31s: set at most 10s.")]
    [InlineData("GitHub:ColdMinimum", "0", "is 0: set 1s to 1h.")]
    [InlineData("GitHub:PollShare", "0", "is 0: set 0.01 to 1.")]
    [InlineData("GitHub:HotFor", "30s", "is 30s: set 1m to 1d.")]
    [InlineData("GitHub:WarmFor", "31d", "is 31d: set 1m to 30d.")]
    [InlineData("GitHub:SafetyNetPeriod", "4s", "is 4s: set 5s to 1h.")]
    [InlineData("GitHub:DiscoveryPeriod", "9s", "is 9s: set 10s to 1h.")]
    [InlineData("GitHub:DeliveriesPeriod", "500ms", "is 500ms: set 0, or 1s to 1m.")]
    [InlineData("GitHub:ReadParallelism", "33", "is 33: set 1 to 32.")]
    [InlineData("GitHub:RepositoriesPerPass", "0", "is 0: set 1 to 1000.")]
    [InlineData("GitHub:RegisterParallelism", "65", "is 65: set 1 to 64.")]
    [InlineData("GitHub:RequestTimeout", "0", "is 0: set 1s to 1m40s.")]
    [InlineData("GitHub:WriteTimeout", "2m", "is 2m: set 1s to 1m40s.")]
    [InlineData("GitHub:ReadRetries", "6", "is 6: set 0 to 5.")]
    [InlineData("GitHub:CacheEntries", "15", "is 15: set 16 to 1000000.")]
    [InlineData("GitHub:CacheBytes", "1000", "is 1000: set 1048576 to 1073741824.")]
    [InlineData("GitHub:SecretPeriod", "11m", "is 11m: set 1s to 10m.")]
    [InlineData("Web", "8080", "is a section: set one of its options.")]
    public void AWrongValueIsToldWithItsVariable(string path, string value, string rest)
    {
        var variable = $"RUNNERSCALER__{path.Replace(":", "__", StringComparison.Ordinal)}";
        Assert.Equal([$"{path} ({variable}) {rest}"], Problems((path, value)));
    }

    [Theory]
    [InlineData("GitHub:DeliveriesPeriod", "0")]
    [InlineData("GitHub:WarmMinimum", "10s")]
    [InlineData("Web:Port", "65535")]
    [InlineData("Control:HeldClaims", "4999")]
    [InlineData("Telemetry:TraceShare", "0")]
    public void TheEndsOfARangeAreInIt(string path, string value) => Assert.Empty(Problems((path, value)));

    /// <summary>A range that cannot be read would let nothing, or anything, pass.</summary>
    [Fact]
    public void EveryRangeHasTwoEndsThatItsOptionCanHave() => Assert.All(
        from section in new ScalerOptions().Sections
        from property in section.Properties
        where property.GetCustomAttribute<OptionRangeAttribute>() is not null
        select property,
        property =>
        {
            var range = property.GetCustomAttribute<OptionRangeAttribute>()!;
            var least = OptionValue.Parse(range.Least, property.PropertyType);
            var most = OptionValue.Parse(range.Most, property.PropertyType);
            Assert.True(Comparer<object>.Default.Compare(least, most) < 0 && least is not null, property.Name);
            Assert.Equal((range.Least, range.Most), (OptionValue.Show(least), OptionValue.Show(most)));
        });

    [Fact]
    public void ClaimsAreHeldNoLongerThanThePodsExpect() => Assert.True(
        Duration.TryParse(ClaimProtocol.LongestHold, out var longest) && longest < ClaimProtocol.Patience);

    [Fact]
    public void EverySectionIsRead() => Assert.Equal(
        typeof(ScalerOptions).GetProperties().Select(property => property.Name)
            .Except([nameof(ScalerOptions.Sections)]),
        new ScalerOptions().Sections.Select(section => section.Name));

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
    [InlineData("Kubernetes:Namespaces", "a, b", "a,b")]
    [InlineData("Kubernetes:Namespaces:0", "a", "a")]
    [InlineData("Kubernetes:Namespaces", "", "")]
    public void AListIsWrittenWithCommasOrItemByItem(string path, string value, string shown)
    {
        Assert.Empty(Problems((path, value)));
        Assert.Equal(shown, Shown("Kubernetes:Namespaces", [(path, value)]));
    }

    [Fact]
    public void EveryOptionThatCanBeWrongIsTriedAbove()
    {
        string[] anyText =
        [
            "Kubeconfig", "Context", "Namespaces", "OwnNamespace", "ClaimsExtraNames", "CpuRequest", "MemoryRequest",
            "RunnerImage", "PodNoProxy",
        ];
        var tried = typeof(OptionRulesTests).GetMethod(nameof(AWrongValueIsToldWithItsVariable))!
            .GetCustomAttributes<InlineDataAttribute>().Select(data => (string)data.Data[0]!);

        var missing = OptionReader.All(new ScalerOptions()).Select(option => option.Path).Except(tried)
            .Where(path => !anyText.Any(free => path.EndsWith(free, StringComparison.Ordinal)));

        Assert.Empty(missing);
    }

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
        Environment.SetEnvironmentVariable("RUNNERSCALER__Web__MaxClaims", "77");
        try
        {
            var options = ScalerOptions.Read(new ConfigurationBuilder().AddEnvironmentVariables().Build());
            Assert.Equal(77, options.Web.MaxClaims);
        }
        finally
        {
            Environment.SetEnvironmentVariable("RUNNERSCALER__Web__MaxClaims", null);
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
        .AddInMemoryCollection(given
            .GroupBy(g => g.Path)
            .Select(g => KeyValuePair.Create($"RunnerScaler:{g.Key}", (string?)g.Last().Value)))
        .Build();
}
