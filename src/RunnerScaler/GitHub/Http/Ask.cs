namespace RunnerScaler.GitHub.Http;

/// <summary>What a request is for, as far as GitHub's limits are concerned.</summary>
internal enum AskFor
{
    /// <summary>To read the queue, or to look through all registrations: what may wait.</summary>
    Reading,

    /// <summary>To register a runner.</summary>
    Registration,

    /// <summary>All else that runners need: tokens, groups, looking one registration up, deleting it.</summary>
    Runners,
}

/// <summary>A request, as the budget sees it.</summary>
/// <param name="For">What it is for.</param>
/// <param name="Class">What it is limited with.</param>
/// <param name="Conditional">Whether it may be answered "not modified", which costs nothing of the hourly
/// limit.</param>
/// <param name="Route">Method and path with its variable parts replaced: requests of one route are limited
/// alike.</param>
internal readonly record struct Ask(AskFor For, RequestClass Class, bool Conditional, string Route)
{
    public static Ask Of(HttpRequestMessage request)
    {
        var write = request.Method != HttpMethod.Get && request.Method != HttpMethod.Head;
        var address = request.RequestUri!;
        return new(
            ForOf(address, write),
            ClassOf(address.AbsolutePath, write),
            request.Headers.Contains("If-None-Match"),
            $"{request.Method} {RouteTemplate.Of(request)}");
    }

    private static RequestClass ClassOf(string path, bool write)
    {
        if (write)
            return IsRegistration(path) ? RequestClass.Registrations : RequestClass.OtherWrites;
        if (path.EndsWith("/actions/runs", StringComparison.Ordinal))
            return RequestClass.RunLists;
        return path.Contains("/actions/runs/", StringComparison.Ordinal)
            ? RequestClass.JobLists
            : RequestClass.OtherReads;
    }

    private static bool IsRegistration(string path) => path.EndsWith("/generate-jitconfig", StringComparison.Ordinal);

    private static AskFor ForOf(Uri address, bool write)
    {
        var path = address.AbsolutePath;
        if (write)
            return IsRegistration(path) ? AskFor.Registration : AskFor.Runners;
        return path.EndsWith("/installation", StringComparison.Ordinal)
            || path.EndsWith("/actions/runner-groups", StringComparison.Ordinal)
            || path.Contains("/actions/runners/", StringComparison.Ordinal)
            || address.Query.Contains("name=", StringComparison.Ordinal)
                ? AskFor.Runners
                : AskFor.Reading;
    }
}
