using System.Collections.Concurrent;
using RunnerScaler.Control.Ports;
using RunnerScaler.GitHub.Responses;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Queue;

/// <summary>What reading the queue has to say to operators; a state is told when it begins and when it ends.</summary>
internal sealed partial class ReadingLog(ILogger<JobSource> logger, IScalerMetrics metrics)
{
    private const int MostRemembered = 1000;
    private const int LongestWord = 60;

    private readonly ConcurrentDictionary<string, string> told = new(StringComparer.Ordinal);

    /// <summary>The problem of an account, an owner or a repository; null when it is over.</summary>
    public void Problem(AccountKey account, string about, Problem? problem)
    {
        var key = $"{account} {about}";
        if (problem is null)
        {
            if (told.TryRemove(key, out _))
                LogRecovered(account, about);
        }
        else if (IsNews(key, problem.Reason.ToString()))
            LogProblem(account, about, problem.Reason, problem.Message);
    }

    /// <summary>GitHub said something that is not known here.</summary>
    /// <param name="what">What kind of thing, as in the metric.</param>
    /// <param name="repository">Where.</param>
    /// <param name="word">What it said.</param>
    public void Unknown(string what, RepositoryKey repository, string word)
    {
        metrics.GitHubSaidUnknown(what);
        var shown = string.Concat(word.Take(LongestWord).Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        if (IsNews($"{what} {shown}", shown))
            LogUnknown(repository, what, shown);
    }

    public void Delivery(DeliveryResult result) => metrics.DeliveryListed(result);

    public void Moved(RepositoryKey repository)
    {
        if (IsNews($"moved {repository}", ""))
            LogMoved(repository);
    }

    public void Capped(RepositoryKey repository, string status, double total)
    {
        if (IsNews($"capped {repository}", status))
            LogCapped(repository, total, status);
    }

    /// <summary>
    /// Does what only a defect of ours can make throw: such a thing is told, and does not keep others from being read.
    /// </summary>
    /// <param name="what">What is done, as in "the runs of acme/app".</param>
    /// <param name="read">Does it.</param>
    /// <param name="instead">Takes a defect for a failure.</param>
    public async Task<T> ContainAsync<T>(string what, Func<Task<T>> read, Func<Failure, T> instead)
    {
        try
        {
            return await read();
        }
        catch (Exception defect) when (defect is not OperationCanceledException)
        {
            LogDefect(what, defect);
            return instead(Failure.NoAnswer(defect.GetType().Name));
        }
    }

    private bool IsNews(string key, string value)
    {
        if (told.TryGetValue(key, out var before) && before == value)
            return false;
        if (told.Count >= MostRemembered && !told.ContainsKey(key))
            told.TryRemove(told.Keys.First(), out _);
        told[key] = value;
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "{Account}, {About}: {Reason}: {Message}")]
    private partial void LogProblem(AccountKey account, string about, ProblemReason reason, string message);

    [LoggerMessage(LogLevel.Information, "{Account}, {About}: can be read again")]
    private partial void LogRecovered(AccountKey account, string about);

    [LoggerMessage(
        LogLevel.Warning,
        "{Repository}: GitHub shows a {What} that is not known: '{Word}'; such jobs are taken to be queued, such runs "
        + "to be live. A newer release may know it")]
    private partial void LogUnknown(RepositoryKey repository, string what, string word);

    [LoggerMessage(
        LogLevel.Warning, "{Repository} has {Total} runs that are {Status}; GitHub lists only the newest 1000 of them")]
    private partial void LogCapped(RepositoryKey repository, double total, string status);

    [LoggerMessage(
        LogLevel.Warning,
        "{Repository} was renamed or moved: GitHub redirects what is asked there, as long as nobody takes the name; "
        + "write its present name in the pool's 'serves'")]
    private partial void LogMoved(RepositoryKey repository);

    [LoggerMessage(LogLevel.Error, "Reading {About} failed in a way that it should not")]
    private partial void LogDefect(string about, Exception thrown);
}
