namespace RunnerScaler.Kubernetes.Watching;

/// <summary>What is watched.</summary>
/// <param name="Resource">Its name in metrics and logs, such as <c>pods</c>.</param>
/// <param name="Path">Where its objects are listed.</param>
/// <param name="LabelSelector">Only objects with these labels; null for all.</param>
internal sealed record WatchTarget(string Resource, string Path, string? LabelSelector = null);

/// <summary>Times and sizes of a watch.</summary>
internal sealed record WatchSettings
{
    /// <summary>Objects in one page of a list.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>The server is asked to end each watch after a random time from here …</summary>
    public TimeSpan Shortest { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>… up to here, so that not all clients come back at once.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>A watch without any line for so long is dead: bookmarks come about every minute.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(150);
}

/// <summary>An object as a list or a watch showed it.</summary>
/// <param name="Namespace">Empty for objects without one.</param>
/// <param name="Name">Unique in the namespace, but not for ever.</param>
/// <param name="Uid">Unique for ever.</param>
/// <param name="Value">What is kept of it; null if it is none of ours, or deleted.</param>
internal readonly record struct Observed<T>(string Namespace, string Name, string Uid, T? Value)
    where T : class
{
    /// <summary>Why it cannot be read; what was known of it stays known. Null if it can.</summary>
    public string? Unreadable { get; init; }
}

/// <summary>A whole list, or why there is none.</summary>
internal readonly record struct ObjectList<T>(
    List<Observed<T>>? Items, string ResourceVersion, string Why, TimeSpan? RetryAfter)
    where T : class;

/// <summary>Why a watch ended.</summary>
/// <param name="Reason">
/// <c>ended</c> (as agreed), <c>expired</c>, <c>silent</c>, <c>undecodable</c> or <c>failed</c>.
/// </param>
/// <param name="Relist">Whether something may have been missed, so that only a new list helps.</param>
/// <param name="ResourceVersion">Where to go on.</param>
/// <param name="Why">A sentence for the log.</param>
/// <param name="RetryAfter">When the server asks to be asked again.</param>
internal readonly record struct WatchEnd(
    string Reason, bool Relist, string ResourceVersion, string Why = "", TimeSpan? RetryAfter = null);
