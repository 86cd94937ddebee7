using System.Net;
using Prometheus;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Web;

public sealed class EndpointTests
{
    [Fact]
    public async Task LoopsThatBeatAreHealthy()
    {
        await using var host = await EndpointHost.StartAsync();
        host.Beats.Beat("pools", TimeSpan.FromSeconds(30));
        host.Time.Advance(TimeSpan.FromSeconds(29));

        var (status, _) = await GetAsync(host, "/healthz");

        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task ADeadLoopIsNamed()
    {
        await using var host = await EndpointHost.StartAsync();
        host.Beats.Beat("pools", TimeSpan.FromSeconds(30));
        host.Beats.Beat("sweeper", TimeSpan.FromMinutes(10));
        host.Time.Advance(TimeSpan.FromSeconds(31));

        var (status, body) = await GetAsync(host, "/healthz");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Equal("The loop 'pools' has stopped beating.\n", body);
    }

    [Theory]
    [InlineData(false, false, HttpStatusCode.ServiceUnavailable)]
    [InlineData(true, false, HttpStatusCode.ServiceUnavailable)]
    [InlineData(false, true, HttpStatusCode.ServiceUnavailable)]
    [InlineData(true, true, HttpStatusCode.OK)]
    public async Task ReadyMeansThatBothCachesAreFilled(bool pools, bool pods, HttpStatusCode expected)
    {
        await using var host = await EndpointHost.StartAsync();
        (host.Pools.Synced, host.Pods.Synced) = (pools, pods);

        var (status, body) = await GetAsync(host, "/readyz");

        Assert.Equal(expected, status);
        Assert.Equal(!pools, body.Contains("RunnerPools", StringComparison.Ordinal));
        Assert.Equal(!pods, body.Contains("pods", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("create tokenreviews - -", true)]
    [InlineData("update leases own runnerscaler", true)]
    [InlineData("watch pods - -", true)]
    [InlineData("patch pods ci linux-0", false)]
    [InlineData("create events ci -", false)]
    public async Task WhatNothingCanBeDoneWithoutIsNotReady(string refused, bool vital)
    {
        await using var host = await EndpointHost.StartAsync();
        (host.Pools.Synced, host.Pods.Synced) = (true, true);
        var request = RightsTests.Parse(refused);
        host.Refusals.Refused(new(RefusalReason.Forbidden, request, "not you"));

        var (status, body) = await GetAsync(host, "/readyz");

        Assert.Equal(vital ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK, status);
        Assert.Equal(vital, body.Contains("not you. Give the controller's service account", StringComparison.Ordinal));
        host.Refusals.Succeeded(request);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(host, "/readyz")).Status);
    }

    [Fact]
    public async Task MetricsAreThoseOfTheRegistry()
    {
        await using var host = await EndpointHost.StartAsync();
        Metrics.WithCustomRegistry(host.Registry).CreateGauge("runnerscaler_something", "Something.").Set(4);

        var (status, body) = await GetAsync(host, "/metrics");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("\nrunnerscaler_something 4\n", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEndpointIsNotFoundAtTheOtherEntrance()
    {
        await using var host = await EndpointHost.StartAsync();
        using var client = EndpointHost.Client();
        var cancel = TestContext.Current.CancellationToken;

        foreach (var path in (string[])["/metrics", "/healthz", "/readyz"])
        {
            using var answer = await client.GetAsync(new Uri(host.Claims, path), cancel);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
        using var claim = await client.PostAsync(new Uri(host.Plain, "/claims"), content: null, cancel);
        Assert.Equal(HttpStatusCode.NotFound, claim.StatusCode);
    }

    [Fact]
    public async Task ARotatedCertificateIsShownWithoutARestart()
    {
        await using var host = await EndpointHost.StartAsync();
        List<string> shown = [];
        await HandshakeAsync(host, shown);
        host.Certificate = EndpointHost.SelfSigned("second");
        await HandshakeAsync(host, shown);

        Assert.Equal(["CN=first", "CN=second"], shown);
    }

    [Fact]
    public async Task WithoutACertificateThePlainDoorsAreOpenAllTheSame()
    {
        await using var host = await EndpointHost.StartAsync();
        host.Certificate = null;

        await Assert.ThrowsAsync<HttpRequestException>(() => HandshakeAsync(host, []));
        var (status, _) = await GetAsync(host, "/healthz");

        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task TheChosenAddressesAreLogged()
    {
        await using var host = await EndpointHost.StartAsync();

        var log = string.Join('\n', host.Log.Lines);
        Assert.Contains($"Claims at {host.Claims}claims", log, StringComparison.Ordinal);
        Assert.Contains($"Status page at {host.Plain};", log, StringComparison.Ordinal);
    }

    private static async Task HandshakeAsync(EndpointHost host, List<string> shown)
    {
        using var client = EndpointHost.Client(certificate => shown.Add(certificate.Subject));
        using var _ = await client.GetAsync(host.Claims, TestContext.Current.CancellationToken);
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(EndpointHost host, string path)
    {
        using var client = EndpointHost.Client();
        using var response = await client.GetAsync(new Uri(host.Plain, path), TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
