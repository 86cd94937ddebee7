using RunnerScaler.Control.Ports;
using RunnerScaler.Control.Work;

namespace RunnerScaler.Kubernetes.Leading;

/// <summary>
/// Competes for the Lease and keeps the <see cref="LeaderGate"/> open while it is held. Clocks are never compared: a
/// foreign lease has run out when its record has not changed for its duration by our own monotonic clock; our own runs
/// from the moment before the renewal was sent. A single failed renewal costs nothing; at the deadline the gate closes
/// by itself.
/// </summary>
/// <param name="holder">This process's name: unique, also among restarts of the same pod.</param>
/// <param name="store">The Lease.</param>
/// <param name="gate">What is opened and closed.</param>
/// <param name="times">Times of the election.</param>
/// <param name="metrics">Told of gains and losses.</param>
/// <param name="heartbeats">The loop beats here.</param>
/// <param name="random">Keeps candidates from trying at the same moment.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told of gains and losses.</param>
internal sealed partial class LeaseElection(
    string holder,
    ILeaseStore store,
    LeaderGate gate,
    LeaseTimes times,
    IScalerMetrics metrics,
    Heartbeats heartbeats,
    Random random,
    TimeProvider time,
    ILogger<LeaseElection> log)
{
    private const string Loop = "lease";

    private LeaseRecord? seen;
    private long seenAt;
    private long heldSince;
    private bool leads;

    /// <summary>Runs until it is cancelled; then closes the gate and gives the lease back.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        metrics.Leading(false);
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                heartbeats.Beat(Loop, times.Lease + times.Renew);
                await TryAsync(cancel);
                // A leader keeps to the beat; candidates spread out, so that they do not run into each other.
                var pause = leads ? times.Retry : times.Retry * (1 + (1.2 * random.NextDouble()));
                await Task.Delay(pause, time, cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The end of the loop, told by the caller.
        }
        finally
        {
            await ReleaseAsync();
            heartbeats.Stop(Loop);
        }
    }

    private async Task TryAsync(CancellationToken cancel)
    {
        var left = leads ? times.Renew - time.GetElapsedTime(heldSince) : times.Request;
        if (left > TimeSpan.Zero)
        {
            var limit = left < times.Request ? left : times.Request;
            using var late = new CancellationTokenSource(limit, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
            try
            {
                await AcquireOrRenewAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                LogLate(limit);
            }
        }
        if (leads && time.GetElapsedTime(heldSince) >= times.Renew)
            Lose("it could not be renewed in time");
    }

    private async Task AcquireOrRenewAsync(CancellationToken cancel)
    {
        // A leader knows the record that it wrote and need not read it: one request a beat.
        if (leads && await WriteAsync(seen!, cancel) is not (LeaseAnswer.Conflict or LeaseAnswer.Missing))
            return;
        switch (await store.GetAsync(cancel))
        {
            case LeaseAnswer.Is(var record):
                See(record);
                if (IsFree(record))
                    await WriteAsync(record, cancel);
                else if (leads)
                    Lose($"'{record.Holder}' has taken it");
                break;
            case LeaseAnswer.Missing:
                await WriteAsync(null, cancel);
                break;
            case LeaseAnswer.Unavailable(var why):
                LogUnavailable(why);
                break;
        }
    }

    private void See(LeaseRecord record)
    {
        gate.Saw(record.Holder, record.Address);
        if (record == seen)
            return;
        seen = record;
        seenAt = time.GetTimestamp();
    }

    private bool IsFree(LeaseRecord record)
    {
        if (record.Holder.Length == 0 || record.Holder == holder)
            return true;
        var duration = record.Duration > times.Lease ? record.Duration : times.Lease;
        return time.GetElapsedTime(seenAt) > duration;
    }

    private async Task<LeaseAnswer> WriteAsync(LeaseRecord? over, CancellationToken cancel)
    {
        var sentAt = time.GetTimestamp();
        var now = time.GetUtcNow();
        var mine = over?.Holder == holder;
        var wanted = new LeaseRecord(
            holder,
            times.Lease,
            mine ? over!.AcquiredAt : now,
            now,
            (over?.Transitions ?? 0) + (mine || over is null ? 0 : 1),
            over?.ResourceVersion ?? "");
        var answer = over is null ? await store.CreateAsync(wanted, cancel) : await store.UpdateAsync(wanted, cancel);
        if (answer is LeaseAnswer.Is(var written) && written.Holder == holder)
            Gain(written, sentAt);
        else if (answer is LeaseAnswer.Unavailable(var why))
            LogUnavailable(why);
        return answer;
    }

    private void Gain(LeaseRecord written, long sentAt)
    {
        See(written);
        heldSince = sentAt;
        gate.Hold(sentAt, times.Renew);
        if (leads)
            return;
        leads = true;
        metrics.Leading(true);
        LogGained(holder, written.Transitions);
    }

    private void Lose(string why)
    {
        leads = false;
        gate.Close();
        metrics.Leading(false);
        LogLost(holder, why);
    }

    private async Task ReleaseAsync()
    {
        var held = leads;
        if (held)
            Lose("this process is stopping");
        if (!held || seen is not { } last)
            return;
        using var late = new CancellationTokenSource(times.Request, time);
        try
        {
            // One second, not none: the API refuses a lease without a duration.
            var free = last with { Holder = "", Duration = TimeSpan.FromSeconds(1), RenewedAt = time.GetUtcNow() };
            if (await store.UpdateAsync(free, late.Token) is LeaseAnswer.Unavailable(var why))
                LogUnavailable(why);
        }
        catch (OperationCanceledException)
        {
            LogUnavailable("it was not given back in time; it will run out");
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "'{Holder}' leads (change {Transitions} of the lease)")]
    private partial void LogGained(string holder, int transitions);

    [LoggerMessage(Level = LogLevel.Warning, Message = "'{Holder}' no longer leads: {Why}")]
    private partial void LogLost(string holder, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "The lease got no answer within {Limit}")]
    private partial void LogLate(TimeSpan limit);

    [LoggerMessage(Level = LogLevel.Information, Message = "The lease could not be read or written: {Why}")]
    private partial void LogUnavailable(string why);
}
