using System.Collections.Immutable;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Simulation.Workload;

/// <summary>What a run begins with: pools, repositories, how many jobs in how long.</summary>
internal sealed record Scenario
{
    public const string Server = "https://github.com";
    public const string Organization = "acme";
    public const string User = "alice";

    public required ImmutableArray<Pool> Pools { get; init; }

    public required ImmutableArray<string> Repositories { get; init; }

    public required int Jobs { get; init; }

    /// <summary>When the last job is queued.</summary>
    public required TimeSpan WorkEnds { get; init; }

    /// <summary>When the last fault is over.</summary>
    public required TimeSpan CalmFrom { get; init; }

    public required int Replicas { get; init; }

    public required int ForeignRunners { get; init; }

    /// <summary>Whether GitHub drops idle registrations, and after how long.</summary>
    public TimeSpan? IdleDrop { get; init; }

    /// <summary>Whether people change pools while they work.</summary>
    public bool Changes { get; init; }

    /// <summary>Whether nothing goes wrong, so that jobs must not have to wait for long.</summary>
    public bool Fine { get; init; }

    /// <summary>One pool, one replica, a handful of jobs.</summary>
    public static Scenario Plain(Random random) => Drawn(random) with
    {
        Pools = [Linux(random)],
        Replicas = 1,
        ForeignRunners = 0,
        Changes = false,
        Fine = true,
        IdleDrop = null,
    };

    public static Scenario Drawn(Random random)
    {
        var scale = random.Next(40) == 0 ? 4 : 1;
        var pools = ImmutableArray.CreateBuilder<Pool>();
        pools.Add(Linux(random));
        if (random.Next(2) == 0)
            pools.Add(Big(random));
        var hasUser = random.Next(3) == 0;
        if (hasUser)
            pools.Add(OfUser(random));
        var repositories = Enumerable.Range(0, random.Next(1, 5)).Select(i => $"{Organization}/app{i}")
            .Concat(hasUser ? Enumerable.Range(0, random.Next(1, 4)).Select(i => $"{User}/own{i}") : []);
        var workEnds = TimeSpan.FromMinutes(random.Next(2, 12));
        return new()
        {
            Pools = [.. pools.Select(p => p with { MaxRunners = p.MaxRunners * scale })],
            Repositories = [.. repositories],
            Jobs = random.Next(1, random.Next(2, 30)) * scale,
            WorkEnds = workEnds,
            CalmFrom = workEnds + TimeSpan.FromMinutes(random.Next(0, 6)),
            Replicas = random.Next(4) == 0 ? 1 : 2,
            ForeignRunners = random.Next(3) == 0 ? random.Next(1, 3) : 0,
            Changes = random.Next(2) == 0,
            IdleDrop = random.Next(4) == 0 ? TimeSpan.FromMinutes(2) : null,
        };
    }

    private static Pool Linux(Random random) => Base(random, "linux", "self-hosted", "linux", "x64") with
    {
        Serves = [Scope(ScopeKind.Organization, Organization, random.Next(4) == 0 ? "Default" : null)],
        MaxRunnersPerRepository = random.Next(4) == 0 ? random.Next(1, 3) : null,
    };

    private static Pool Big(Random random) => Base(random, "linux-big", "self-hosted", "linux", "x64", "big") with
    {
        Serves = [Scope(ScopeKind.Organization, Organization)],
        Priority = random.Next(2),
    };

    private static Pool OfUser(Random random) => Base(random, "own", "self-hosted", "linux") with
    {
        Serves = [Scope(ScopeKind.EachRepository, User)],
    };

    private static Pool Base(Random random, string name, params string[] labels) => new()
    {
        Key = new("default", name),
        Account = new("default", "github", Server),
        Serves = [],
        Labels = LabelSet.Of(labels),
        MaxRunners = random.Next(1, 7),
        Warm = random.Next(2) == 0
            ? WarmSettings.None
            : new(random.Next(0, 3), random.Next(0, 2), []),
        Deadlines = new()
        {
            Start = TimeSpan.FromMinutes(random.Next(2, 6)),
            Register = TimeSpan.FromMinutes(1),
            Assign = TimeSpan.FromMinutes(random.Next(1, 4)),
            Idle = TimeSpan.FromMinutes(random.Next(1, 4)),
            Job = TimeSpan.FromMinutes(random.Next(2) == 0 ? 1 : 60),
        },
        Revision = "r1",
    };

    private static Scope Scope(ScopeKind kind, string owner, string? group = null) =>
        new() { Kind = kind, Server = Server, Owner = owner, RunnerGroup = group };
}
