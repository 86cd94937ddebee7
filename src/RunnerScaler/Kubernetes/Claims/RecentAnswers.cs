namespace RunnerScaler.Kubernetes.Claims;

/// <summary>Answers that hold for a while; when there are too many, the oldest is forgotten.</summary>
/// <param name="most">How many are kept.</param>
/// <param name="keptFor">For how long.</param>
/// <param name="time">The clock.</param>
internal sealed class RecentAnswers<T>(int most, TimeSpan keptFor, TimeProvider time)
    where T : class
{
    private readonly Lock guard = new();
    private readonly Dictionary<string, (T Answer, long At)> answers = new(StringComparer.Ordinal);
    private readonly Queue<(string Key, long At)> ages = new();

    public int Count
    {
        get
        {
            lock (guard)
                return answers.Count;
        }
    }

    public T? Find(string key)
    {
        lock (guard)
            return answers.TryGetValue(key, out var kept) && time.GetElapsedTime(kept.At) < keptFor
                ? kept.Answer
                : null;
    }

    public void Keep(string key, T answer)
    {
        lock (guard)
        {
            var now = time.GetTimestamp();
            answers[key] = (answer, now);
            ages.Enqueue((key, now));
            while (ages.Count > most || time.GetElapsedTime(ages.Peek().At) >= keptFor)
                if (ages.Dequeue() is var oldest && answers.TryGetValue(oldest.Key, out var kept)
                    && kept.At == oldest.At)
                    answers.Remove(oldest.Key);
        }
    }
}
