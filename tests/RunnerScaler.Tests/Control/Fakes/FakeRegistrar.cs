using System.Collections.Concurrent;
using RunnerScaler.Control.Ports;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;

namespace RunnerScaler.Tests.Control.Fakes;

/// <summary>
/// The registrations of GitHub in memory: a name is taken once, and one that is busy cannot be deleted.
/// </summary>
internal sealed class FakeRegistrar(Journal journal) : IRunnerRegistrar
{
    /// <summary>What every identity made here holds; it must never be seen in a log.</summary>
    public const string Secret = "c2VjcmV0";

    private readonly ConcurrentDictionary<(RegistrationTarget, string), Registration> registrations = new();
    private long lastId = 100;

    /// <summary>What the next calls answer instead; null lets them through.</summary>
    public Func<JitRequest, JitResult?>? OnRegister { get; set; }

    public Func<DeregisterResult?>? OnDeregister { get; set; }

    /// <summary>While it is false nothing is answered to questions.</summary>
    public bool Answers { get; set; } = true;

    /// <summary>What registrations wait for before they are made; done if null.</summary>
    public Task? Registering { get; set; }

    /// <summary>What every other answer waits for; done if null.</summary>
    public Task? Answering { get; set; }

    public IEnumerable<string> Names => registrations.Keys.Select(k => k.Item2).Order();

    /// <summary>The names that were looked up.</summary>
    public ConcurrentQueue<string> LookedUp { get; } = new();

    public JitRequest? LastRequest { get; private set; }

    public Registration Put(RegistrationTarget target, string name, bool online = false, bool busy = false) =>
        registrations[(target, name)] = new(Interlocked.Increment(ref lastId), name, online, busy);

    public void Remove(RegistrationTarget target, string name) => registrations.TryRemove((target, name), out _);

    public async Task<JitResult> CreateJitConfigAsync(JitRequest request, CancellationToken cancel)
    {
        LastRequest = request;
        journal.Add($"register {request.RunnerName}");
        if (Registering is { } wait)
            await wait;
        if (!request.IsStillWanted())
            return new JitResult.Withdrawn();
        if (OnRegister?.Invoke(request) is { } instead)
            return instead;
        var made = new Registration(Interlocked.Increment(ref lastId), request.RunnerName, false, false);
        return registrations.TryAdd((request.Target, request.RunnerName), made)
            ? new JitResult.Registered(made.Id, Secret)
            : new JitResult.NameTaken();
    }

    public async Task<DeregisterResult> DeregisterAsync(
        RegistrationTarget target, string runnerName, long? id, CancellationToken cancel)
    {
        journal.Add($"deregister {runnerName}");
        if (Answering is { } wait)
            await wait;
        if (OnDeregister?.Invoke() is { } instead)
            return instead;
        if (!registrations.TryGetValue((target, runnerName), out var found) || (id is not null && id != found.Id))
            return DeregisterResult.Gone;
        if (found.Busy)
            return DeregisterResult.Busy;
        Remove(target, runnerName);
        return DeregisterResult.Deleted;
    }

    public Task<LookupResult> FindAsync(
        RegistrationTarget target, string runnerName, long? id, CancellationToken cancel)
    {
        LookedUp.Enqueue(runnerName);
        return Task.FromResult(
            new LookupResult(Answers, Answers ? registrations.GetValueOrDefault((target, runnerName)) : null));
    }

    /// <summary>The rules of all groups.</summary>
    public GroupRules? Group { get; set; }

    public Task<GroupRules?> GroupAsync(RegistrationTarget target, string? group, CancellationToken cancel)
    {
        journal.Add($"look at the group of {target}");
        return Task.FromResult(Group);
    }

    public async Task<IReadOnlyList<Registration>?> ListAsync(RegistrationTarget target, CancellationToken cancel)
    {
        if (Answering is { } wait)
            await wait;
        return Answers ? [.. registrations.Where(r => r.Key.Item1 == target).Select(r => r.Value)] : null;
    }
}
