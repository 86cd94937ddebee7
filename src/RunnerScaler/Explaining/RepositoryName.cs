using RunnerScaler.Scaling.Pools;


namespace RunnerScaler.Explaining;

/// <summary>A repository as people write it.</summary>
/// <param name="Server">As <c>scheme://host[:port]</c>; null for any.</param>
/// <param name="Owner">In lower case.</param>
/// <param name="Name">In lower case.</param>
internal sealed record RepositoryName(string? Server, string Owner, string Name)
{
    private const int Longest = 300;

    public bool Is(RepositoryKey repository) =>
        repository.Owner == Owner && repository.Name == Name && (Server is null || repository.Server == Server);

    /// <summary>Whether the pool serves it.</summary>
    public bool IsServedBy(Pool pool) =>
        pool.ScopeFor(new(Server ?? pool.Account.Server, Owner, Name)) is not null;

    /// <summary>Reads <c>OWNER/NAME</c> or <c>https://HOST/OWNER/NAME</c>.</summary>
    public static RepositoryName? Read(string text)
    {
        if (text.Length > Longest)
            return null;
        if (!text.Contains("://", StringComparison.Ordinal))
            return Read(null, text.Split('/'));
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "https" or "http", UserInfo: "" }
            ? Read(uri.GetLeftPart(UriPartial.Authority).ToLowerInvariant(), uri.AbsolutePath.Trim('/').Split('/'))
            : null;
    }

    public override string ToString() => Server is null ? $"{Owner}/{Name}" : $"{Owner}/{Name} at {Server}";

    private static RepositoryName? Read(string? server, string[] parts) =>
        parts is [var owner, var name] && Scope.IsName(owner) && Scope.IsName(name)
            ? new(server, owner.ToLowerInvariant(), name.ToLowerInvariant())
            : null;
}
