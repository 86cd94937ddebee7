using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Reconcile;
using RunnerScaler.Control.State;
using RunnerScaler.Control.Terms;
using RunnerScaler.Control.Work;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Jobs;
using RunnerScaler.Scaling.Pools;
using RunnerScaler.Scaling.Runners;
using RunnerScaler.Tests.Scaling;

namespace RunnerScaler.Tests.Control.Fakes;

/// <summary>
/// All of Control over ports in memory and a clock that stands still. Leads, and has one pool, from the start.
/// </summary>
internal sealed class ControlRig : IDisposable
{
    private static readonly TimeSpan RealPatience = TimeSpan.FromSeconds(20);

    private readonly ServiceProvider services;
    private readonly AsyncServiceScope term;

    /// <param name="pool">The pool; an ordinary one if null.</param>
    /// <param name="follows">Whether this replica only follows, and has read no queue, to start with.</param>
    public ControlRig(Pool? pool = null, bool follows = false)
    {
        Pods = new(Journal, Time);
        GitHub = new(Journal);
        services = new ServiceCollection()
            .AddLogging(l => l.SetMinimumLevel(LogLevel.Trace).AddProvider(Logs))
            .AddSingleton<TimeProvider>(Time)
            .AddSingleton(new ControlOptions())
            .AddSingleton<IPodStore>(Pods)
            .AddSingleton<IPoolStore>(Pools)
            .AddSingleton<IRunnerRegistrar>(GitHub)
            .AddSingleton<IEventSink>(Recorder)
            .AddSingleton<IScalerMetrics>(Recorder)
            .AddScoped<IJobSource>(_ => Source)
            .AddSingleton<IScaleSetSource>(ScaleSets)
            .AddSingleton(new Random(1))
            .AddControl()
            .BuildServiceProvider(validateScopes: true);
        term = services.CreateAsyncScope();
        Get<Reception>().Open(Get<RequestHandlers>());
        Pools.Put(pool ?? Given.Pool());
        if (follows)
            return;
        Pods.Changed += OnPod;
        Get<LeaderGate>().Hold(Time.GetTimestamp(), TimeSpan.FromDays(1));
        Queue();
    }

    public FakeTimeProvider Time { get; } = new(Given.Now);

    public Journal Journal { get; } = new();

    public FakePods Pods { get; }

    public FakePools Pools { get; } = new();

    public FakeRegistrar GitHub { get; }

    public FakeJobs Source { get; } = new();

    public FakeScaleSets ScaleSets { get; } = new();

    public Recorder Recorder { get; } = new();

    public LogLines Logs { get; } = new();

    /// <summary>
    /// A part of the term that the <see cref="Scaler"/> runs, or else of one whose loops stand still.
    /// </summary>
    public T Get<T>()
        where T : notnull =>
        (services.GetRequiredService<Scaler>().Term ?? term.ServiceProvider).GetRequiredService<T>();

    /// <summary>These are the jobs that GitHub shows now, over all repositories.</summary>
    public void Queue(params Job[] jobs)
    {
        var (board, now) = (Get<JobBoardStore>(), Time.GetUtcNow());
        var repositories = jobs.Select(j => j.Repository).Append(Given.Repository()).Distinct().ToArray();
        board.Observe(new JobObservation.AccountRead(Given.Account, [.. repositories], now));
        foreach (var repository in repositories)
            board.Observe(new JobObservation.RepositoryRead(
                Given.Account, repository, [.. jobs.Where(j => j.Repository == repository)], now));
    }

    public ReconcileResult Pass() => Get<PoolReconciler>().Reconcile(Given.Linux);

    public Task<ReconcileResult> Reconcile(int slot = 0) =>
        Within(Get<RunnerReconciler>().ReconcileAsync(new(Given.Linux, slot), CancellationToken.None));

    /// <summary>The pod of a slot claims. The answer may be held.</summary>
    public Task<ClaimAnswer> Claim(int slot = 0, string? uid = null) =>
        ClaimUntil(TestContext.Current.CancellationToken, slot, uid);

    /// <summary>The same, by a pod that does not wait for longer than it wants to.</summary>
    public Task<ClaimAnswer> ClaimUntil(CancellationToken gone, int slot = 0, string? uid = null) =>
        Get<Reception>().ClaimAsync(new("ci", Slot.PodName("linux", slot), uid ?? Given.Uid(slot)), gone);

    /// <summary>A pod that claimed, was granted an identity, and heard of it.</summary>
    public async Task<string> Granted(int slot = 0)
    {
        Pods.Put(Given.Pod(slot));
        var claim = Claim(slot);
        Pass();
        return Assert.IsType<ClaimAnswer.Granted>(await Heard(claim)).RunnerName;
    }

    /// <summary>The same in slot 0, for a job that is gone from the queue again.</summary>
    public async Task<string> Granted0()
    {
        Queue(Given.Job());
        var name = await Granted();
        Queue();
        return name;
    }

    /// <summary>A claim's answer, when what made it has also noted it.</summary>
    public async Task<ClaimAnswer> Heard(Task<ClaimAnswer> claim)
    {
        var answer = await Within(claim);
        await Get<WriteBounds>().WhenIdleAsync().WaitAsync(RealPatience);
        return answer;
    }

    public RunnerNote Note(int slot = 0) => Get<RunnerNotes>().Of(Given.Uid(slot));

    public Orphan[] Orphans() => Drain(Get<Orphans>().Keys);

    /// <summary>Takes all keys that wait now.</summary>
    public static TKey[] Drain<TKey>(WorkQueue<TKey> queue)
        where TKey : notnull
    {
        var keys = new List<TKey>();
        while (queue.TakeAsync(TimeSpan.Zero, CancellationToken.None) is
            { IsCompletedSuccessfully: true, Result: (true, var key) })
        {
            keys.Add(key);
            queue.Return(key, ReconcileResult.Done);
        }
        return [.. keys];
    }

    /// <summary>The result of what must end without the clock's being moved.</summary>
    public static Task<T> Within<T>(Task<T> task) => task.WaitAsync(RealPatience);

    public void Dispose()
    {
        term.Dispose();
        services.Dispose();
    }

    // What the leading replica does with what the watch shows, but for waking its loops: they are played here.
    private void OnPod(PodFacts? before, PodFacts? after)
    {
        if (before is not null && before.Uid != after?.Uid)
            Get<RunnerEnds>().Vanished(before);
        var pod = (after ?? before)!;
        Get<PendingWrites>().Observed(pod.Pool, pod.Slot, pod.Uid);
    }
}

/// <summary>Every line that was logged.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue(
            string.Create(CultureInfo.InvariantCulture, $"{logLevel}: {formatter(state, exception)} {exception}"));

    public void Dispose()
    {
    }
}
