using System.Net;
using RunnerScaler.Hosting;

namespace RunnerScaler.Tests.Hosting;

/// <summary>What a replica tells the others of where it is.</summary>
public sealed class OwnAddressTests
{
    [Theory]
    [InlineData("10.1.2.3", "https://api.invalid")]
    [InlineData("fd00::7", "https://10.96.0.1")]
    public void WhereItListensIsItsAddress(string listened, string apiServer) =>
        Assert.Equal(IPAddress.Parse(listened), OwnAddress.HostOf(listened, new(apiServer)));

    /// <summary>Some providers tell pods a name for the API server.</summary>
    [Theory]
    [InlineData("0.0.0.0", "https://127.0.0.1:6443", false)]
    [InlineData("::", "https://127.0.0.1:6443", false)]
    [InlineData("::", "https://localhost:6443", true)]
    [InlineData("*", "https://localhost", true)]
    public void WhereItListensEverywhereItIsWhereTheApiServerIsReachedFrom(
        string listened, string apiServer, bool eitherVersion)
    {
        var address = OwnAddress.HostOf(listened, new(apiServer));

        Assert.NotNull(address);
        Assert.True(IPAddress.IsLoopback(address), $"{address}");
        Assert.False(address.IsIPv4MappedToIPv6);
        Assert.True(eitherVersion || address.Equals(IPAddress.Loopback), $"{address}");
    }

    [Fact]
    public void OfAServerThatNobodyKnowsItIsNotTold() =>
        Assert.Null(OwnAddress.HostOf("::", new("https://api.invalid")));
}
