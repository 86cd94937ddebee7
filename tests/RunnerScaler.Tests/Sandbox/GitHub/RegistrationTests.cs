using System.Text;
using System.Text.Json;
using RunnerScaler.Sandbox.GitHub;

namespace RunnerScaler.Tests.Sandbox.GitHub;

public sealed class RegistrationTests
{
    private readonly Box _box = new();

    [Fact]
    public void ACreatedConfigurationIsARegisteredRunnerAlready()
    {
        var runner = _box.Register("r1", "gpu").Runner;
        Assert.Equal(runner.Id, Assert.Single(_box.Organization.RunnersOf("acme", "R1")).Id);
        Assert.False(runner.Online);
        Assert.False(runner.Busy);
        Assert.Equal("unknown", runner.Os);
        Assert.Null(runner.Version);
        Assert.Equal(["gpu"], runner.Labels);
    }

    [Fact]
    public void TheConfigurationIsBase64OfFilesInBase64()
    {
        var registration = _box.Register("r1");
        using var files = JsonDocument.Parse(Convert.FromBase64String(registration.EncodedJitConfig));
        Assert.Equal(
            [".runner", ".credentials", ".credentials_rsaparams"],
            files.RootElement.EnumerateObject().Select(file => file.Name));
        var runner = Encoding.UTF8.GetString(files.RootElement.GetProperty(".runner").GetBytesFromBase64());
        Assert.Contains($"\"AgentId\":\"{registration.Runner.Id}\"", runner, StringComparison.Ordinal);
        Assert.Contains("\"AgentName\":\"r1\"", runner, StringComparison.Ordinal);
    }

    [Fact]
    public void TheDefaultGroupOfAnOrganizationIsNotGroupOne() => Assert.NotEqual(1, _box.DefaultGroup);

    [Fact]
    public void ANameIsUsedOncePerScopeWhateverItsCase()
    {
        _box.Register("r1");
        Assert.Equal(409, Box.Refused(() => _box.Register("R1")));
        _box.RegisterAt("acme/app", "r1", 1);
    }

    [Fact]
    public void ADeletedNameIsFreeAgain()
    {
        var runner = _box.Register("r1").Runner;
        _box.Organization.DeleteRunner("acme", runner.Id);
        Assert.NotEqual(runner.Id, _box.Register("r1").Runner.Id);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("acme/nothing")]
    [InlineData("alice")]
    public void AScopeWithoutRunnersIsNotFound(string scope)
    {
        _box.Organization.AddUser("alice");
        Assert.Equal(404, Box.Refused(() => _box.RegisterAt(scope, "r1", 1)));
        Assert.Equal(404, Box.Refused(() => _box.Organization.RunnersOf(scope)));
    }

    [Fact]
    public void AnUnknownGroupIsInvalid()
    {
        Assert.Equal(422, Box.Refused(() => _box.RegisterAt("acme", "r1", 999)));
        Assert.Equal(422, Box.Refused(() => _box.RegisterAt("acme/app", "r1", _box.DefaultGroup)));
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(101, 5)]
    [InlineData(1, 0)]
    [InlineData(1, 257)]
    public void BadLabelsAreInvalid(int count, int length)
    {
        var labels = Enumerable.Repeat(new string('x', length), count).ToList();
        Assert.Equal(422, Box.Refused(() =>
            _box.Organization.CreateJitConfig("acme", new JitRequest("r1", _box.DefaultGroup, labels))));
        Assert.Empty(_box.Organization.AllRunners());
    }

    [Fact]
    public void ABusyRunnerCannotBeDeleted()
    {
        _box.Queue();
        var session = _box.Connect("r1");
        _box.Settle();
        Assert.Equal(422, Box.Refused(() => _box.Organization.DeleteRunner("acme", session.RunnerId)));
        _box.Organization.TryTake(session);
        Assert.Equal(422, Box.Refused(() => _box.Organization.DeleteRunner("acme", session.RunnerId)));
    }

    [Fact]
    public void ADeletedRunnerNoticesAndCannotComeBack()
    {
        var registration = _box.Register("r1");
        var session = _box.Organization.Connect(registration.EncodedJitConfig)!;
        _box.Organization.DeleteRunner("acme", session.RunnerId);
        Assert.Equal(SessionState.Gone, _box.Organization.StateOf(session));
        Assert.Null(_box.Organization.Connect(registration.EncodedJitConfig));
        Assert.Equal(404, Box.Refused(() => _box.Organization.DeleteRunner("acme", session.RunnerId)));
    }

    [Fact]
    public void ARunnerOfAnotherScopeIsNotFound()
    {
        var runner = _box.RegisterAt("acme/app", "r1", 1).Runner;
        Assert.Null(_box.Organization.FindRunner("acme", runner.Id));
        Assert.Equal(404, Box.Refused(() => _box.Organization.DeleteRunner("acme", runner.Id)));
        Assert.Equal("r1", _box.Organization.FindRunner("acme/app", runner.Id)?.Name);
    }

    [Fact]
    public void ARunnerThatNeverConnectsIsRemovedAfterADay()
    {
        _box.Register("r1");
        _box.Pass(TimeSpan.FromHours(23.9));
        Assert.Single(_box.Organization.AllRunners());
        _box.Pass(TimeSpan.FromHours(0.2));
        Assert.Empty(_box.Organization.AllRunners());
        Assert.Equal(1, _box.Organization.Statistics().Reaped);
    }

    [Fact]
    public void IdleRegistrationsAreDroppedOnlyWhenToldTo()
    {
        var box = new Box(new OrganizationSettings { IdleDeadline = TimeSpan.FromMinutes(10) });
        var dropped = box.Connect("r1");
        var kept = _box.Connect("r1");
        box.Pass(TimeSpan.FromMinutes(11));
        _box.Pass(TimeSpan.FromMinutes(11));
        Assert.Equal(SessionState.Gone, box.Organization.StateOf(dropped));
        Assert.Equal(1, box.Organization.Statistics().DroppedIdle);
        Assert.Equal(SessionState.Idle, _box.Organization.StateOf(kept));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no base64!")]
    [InlineData("e30=")]
    public void WhatIsNoConfigurationConnectsNobody(string encoded) => Assert.Null(_box.Organization.Connect(encoded));

    [Fact]
    public void AConfigurationWithAnotherSecretConnectsNobody()
    {
        var runner = _box.Register("r1").Runner;
        Assert.Null(_box.Organization.Connect(JitConfig.Encode(runner, new string('0', 64), "_work")));
    }
}
