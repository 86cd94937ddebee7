using CsCheck;
using RunnerImage.Buildx;
using Endpoint = RunnerImage.Buildx.Endpoint;

namespace RunnerImage.Tests.Buildx;

public sealed class BuilderAddressesTests
{
    private static readonly string[] Five =
        [.. Enumerable.Range(0, 5).Select(i => $"tcp://buildkit-{i}.buildkit.builds.svc:1234")];

    private static readonly string[] Repositories = [.. Enumerable.Range(0, 2000).Select(i => $"acme/app-{i}")];

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" , ")]
    public void NoAddressMeansTheSidecar(string? list) =>
        Assert.Equal(BuilderAddresses.Sidecar, BuilderAddresses.Choose(BuilderAddresses.Parse(list), "acme/app"));

    [Fact]
    public void TheChoiceStaysTheSameInEveryRelease() => Assert.Equal(
        [Five[3], Five[2], Five[3]],
        new[] { "acme/app", "acme/lib", "bob/dot.files" }.Select(r => BuilderAddresses.Choose(Five, r)));

    [Fact]
    public void NeitherTheOrderNorLetterCaseMatters() => Gen.Shuffle(Five).Sample(shuffled => Repositories.Take(50)
        .All(r => BuilderAddresses.Choose(shuffled, r) == BuilderAddresses.Choose(Five, r.ToUpperInvariant())));

    [Fact]
    public void IfADaemonGoesOnlyItsRepositoriesMove() => Gen.Int[0, 4].Sample(gone =>
    {
        string[] left = [.. Five.Where((_, i) => i != gone)];
        return Repositories.All(r => BuilderAddresses.Choose(Five, r) is var before
            && (before == Five[gone] || BuilderAddresses.Choose(left, r) == before));
    });

    [Fact]
    public void DaemonsGetAboutTheSame() => Assert.All(
        Repositories.GroupBy(r => BuilderAddresses.Choose(Five, r)), g => Assert.InRange(g.Count(), 320, 480));

    [Theory]
    [InlineData("tcp://h:1234", "h", 1234)]
    [InlineData("tcp://[fd00::1]:1234", "fd00::1", 1234)]
    [InlineData("tcp://h", "h", null)]
    [InlineData("tcp://h:0", "h", null)]
    [InlineData("tcp://h:99999", null, null)]
    [InlineData("unix:///x", null, null)]
    [InlineData("nonsense", null, null)]
    public void AnAddressHasAHostAndAPort(string address, string? host, int? port) =>
        Assert.Equal((host, port), (Endpoint.Host(address), Endpoint.Port(address)));
}
