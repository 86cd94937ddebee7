using RunnerScaler.Simulation.World;

namespace RunnerScaler.Simulation.Control;

/// <summary>The controller's replicas, started again when they end.</summary>
internal sealed class Replicas(Env env, Func<string, Replica> make)
{
    private readonly List<Replica> all = [];
    private int made;

    /// <summary>Those that have not ended, paused ones included.</summary>
    public IReadOnlyList<Replica> All => all;

    public Replica? Leader => all.Find(r => r.Gate.IsOpen && !r.Process.IsDead);

    /// <summary>Since when the present leader has led without a break; never if there is none.</summary>
    public TimeSpan LeadsSince => Leader is { } leader
        ? env.Scheduler.Elapsed - (leader.Process.Clock.GetUtcNow() - leader.Gate.OpenSince)
        : TimeSpan.MaxValue;

    public Replica Add()
    {
        var replica = make($"replica{made++}");
        replica.Process.OnDeath(() => all.Remove(replica));
        all.Add(replica);
        replica.Start();
        return replica;
    }

    /// <summary>One that a request may be sent to; null if there is none.</summary>
    public Replica? Any() => all.Count == 0 ? null : all[env.Random.Next(all.Count)];

    /// <summary>One dies without a word, mostly the leader; another is started in its place.</summary>
    public void CrashOne()
    {
        if (Pick() is not { } replica)
            return;
        env.Faults.Met(FaultKind.ReplicaCrashed);
        env.Say(replica.Process.Name, "crashes");
        replica.Process.Kill();
        AddSoon();
    }

    /// <summary>One stands still for a while and then goes on as if nothing had happened.</summary>
    public void PauseOne(TimeSpan length)
    {
        if (Pick() is not { Process.IsPaused: false } replica)
            return;
        env.Faults.Met(FaultKind.ReplicaPaused);
        env.Say(replica.Process.Name, $"is paused for {length.TotalSeconds:0.0} s");
        replica.Process.Pause();
        env.After(length, () =>
        {
            env.Say(replica.Process.Name, "goes on");
            replica.Resume();
        });
    }

    /// <summary>One is replaced as an update does it.</summary>
    public void ReplaceOne()
    {
        if (Pick() is not { } replica)
            return;
        env.Faults.Met(FaultKind.ReplicaReplaced);
        env.Say(replica.Process.Name, "is replaced");
        replica.Stop();
        AddSoon();
    }

    private Replica? Pick() => env.Random.Next(4) > 0 && Leader is { } leader ? leader : Any();

    private void AddSoon() => env.After(env.Between(1, 30), () => Add());
}
