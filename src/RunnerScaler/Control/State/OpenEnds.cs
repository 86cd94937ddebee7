using RunnerScaler.Scaling.Runners;


namespace RunnerScaler.Control.State;

/// <summary>
/// The runners that have ended and of which only GitHub can say whether they had a job: each is concluded when the
/// deletion of its registration is answered, once.
/// </summary>
internal sealed class OpenEnds
{
    /// <summary>
    /// More are not kept, of those that wait and of the answers: the oldest are concluded as they are.
    /// </summary>
    internal const int Most = 2000;

    private readonly Lock guard = new();
    private readonly Dictionary<string, Action<Deletion>> waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Deletion> answers = new(StringComparer.Ordinal);
    private readonly Queue<string> order = new();

    /// <summary>Concludes when GitHub has answered, which it may have already.</summary>
    /// <param name="runnerName">The runner's name at GitHub.</param>
    /// <param name="conclude">Takes the answer; <see cref="Deletion.Unknown"/> if none is expected any more.</param>
    public void Await(string runnerName, Action<Deletion> conclude)
    {
        Deletion answer;
        Action<Deletion>? given = null;
        lock (guard)
            if (!answers.Remove(runnerName, out answer))
            {
                waiting[runnerName] = conclude;
                given = Bound(runnerName);
            }
            else
            {
                given = conclude;
            }
        given?.Invoke(answer);
    }

    /// <summary>GitHub has answered the deletion of the registration of this name.</summary>
    public void Told(string runnerName, Deletion answer)
    {
        if (answer == Deletion.Unknown)
            return;
        Action<Deletion>? conclude;
        Action<Deletion>? given = null;
        lock (guard)
            if (!waiting.Remove(runnerName, out conclude) && answers.TryAdd(runnerName, answer))
                given = Bound(runnerName);
        conclude?.Invoke(answer);
        given?.Invoke(Deletion.Unknown);
    }

    private Action<Deletion>? Bound(string added)
    {
        order.Enqueue(added);
        if (order.Count <= Most)
            return null;
        var oldest = order.Dequeue();
        answers.Remove(oldest);
        return waiting.Remove(oldest, out var given) ? given : null;
    }
}
