using RunnerScaler.Control.Work;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Planning;

namespace RunnerScaler.Control.Claims;

/// <summary>The claims that are held open, one for each pod: a newer one of the same pod ends the older one.</summary>
internal sealed class ClaimWaiters(ControlOptions options)
{
    private readonly Lock guard = new();
    private readonly Dictionary<string, Waiter> byUid = new(StringComparer.Ordinal);

    public Waiter Open(string uid)
    {
        var waiter = new Waiter(uid);
        Waiter? older;
        lock (guard)
        {
            older = byUid.GetValueOrDefault(uid);
            byUid[uid] = waiter;
        }
        older?.Answer(new ClaimAnswer.Standby());
        return waiter;
    }

    /// <summary>How many claims a pool may hold.</summary>
    /// <param name="held">How many it holds.</param>
    /// <param name="pools">How many pools there are.</param>
    public int RoomFor(int held, int pools)
    {
        lock (guard)
            return ClaimRoom.Of(options.HeldClaims, Math.Max(0, byUid.Count - held), pools);
    }

    /// <summary>False if nobody waits: the answer reaches no one.</summary>
    public bool Answer(string uid, ClaimAnswer answer)
    {
        lock (guard)
            return byUid.GetValueOrDefault(uid)?.Answer(answer) == true;
    }

    /// <summary>Tells a waiting pod to end.</summary>
    public void TellToExit(string uid, string why) => Answer(uid, new ClaimAnswer.Retired(why));

    /// <summary>Sends all who wait away, to ask the next leader.</summary>
    public void ReleaseAll()
    {
        lock (guard)
            foreach (var waiter in byUid.Values)
                waiter.Answer(new ClaimAnswer.Unavailable(LeaderGate.AskTheLeader));
    }

    /// <returns>Whether the pod has no claim open any more.</returns>
    public bool Close(Waiter waiter)
    {
        lock (guard)
            return byUid.GetValueOrDefault(waiter.Uid) == waiter && byUid.Remove(waiter.Uid);
    }

    /// <summary>One open claim.</summary>
    internal sealed class Waiter(string uid) : IDisposable
    {
        private readonly Lock guard = new();
        private TaskCompletionSource<bool>? waiting;
        private ClaimAnswer? answer;
        private bool isOver;

        public string Uid => uid;

        public bool Answer(ClaimAnswer with)
        {
            lock (guard)
            {
                if (isOver || answer is not null)
                    return false;
                answer = with;
                waiting?.TrySetResult(true);
                return true;
            }
        }

        /// <summary>The answer; null if there is none within the time.</summary>
        public async Task<ClaimAnswer?> WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancel)
        {
            var mine = TimedWait.NewSource();
            lock (guard)
            {
                if (answer is not null)
                    return answer;
                waiting = mine;
            }
            await mine.AtMostAsync(atMost, time, cancel);
            cancel.ThrowIfCancellationRequested();
            lock (guard)
                return answer;
        }

        /// <summary>
        /// The answer that came since the last look, or null. One that comes after this reaches no one, and
        /// <see cref="ClaimWaiters.Answer"/> says so.
        /// </summary>
        public ClaimAnswer? End()
        {
            lock (guard)
            {
                isOver = true;
                return answer;
            }
        }

        public void Dispose() => End();
    }
}
