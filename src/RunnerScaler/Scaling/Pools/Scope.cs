using System.Collections.Immutable;

namespace RunnerScaler.Scaling.Pools;

/// <summary>What an entry of <c>spec.github.serves</c> names.</summary>
internal enum ScopeKind
{
    /// <summary>An organisation: runners are registered there and serve its repositories.</summary>
    Organization,

    /// <summary>Each repository of an owner, registered repository by repository.</summary>
    EachRepository,

    /// <summary>One repository.</summary>
    Repository,

    /// <summary>An enterprise: runners are registered there and serve all its organisations.</summary>
    Enterprise,
}

/// <summary>One parsed entry of <c>spec.github.serves</c>. Names are in lower case.</summary>
internal sealed record Scope
{
    /// <summary>What the owner of a <see cref="ScopeKind.Enterprise"/> begins with; no other owner does.</summary>
    public const string Enterprises = "enterprises/";

    public required ScopeKind Kind { get; init; }

    /// <summary>The GitHub server, as <c>scheme://host[:port]</c>.</summary>
    public required string Server { get; init; }

    /// <summary>Organisation or user; for an enterprise with <see cref="Enterprises"/> before its name.</summary>
    public required string Owner { get; init; }

    /// <summary>Set for <see cref="ScopeKind.Repository"/> only.</summary>
    public string? Repository { get; init; }

    /// <summary>The runner group of the organisation or enterprise; null means its default group.</summary>
    public string? RunnerGroup { get; init; }

    /// <summary>What the scale set is called there; null if the queue is polled.</summary>
    public string? ScaleSetName { get; init; }

    /// <summary>Whether runners are registered at the owner, and so may have a group.</summary>
    public bool HasGroups => Kind is ScopeKind.Organization or ScopeKind.Enterprise;

    /// <summary>If not empty, only these repositories of the owner are served.</summary>
    public ImmutableHashSet<string> Only { get; init; } = [];

    /// <summary>Scopes read anew from the same entry are equal, so that nobody takes them for a change.</summary>
    public bool Equals(Scope? other) =>
        other is not null
        && (Kind, Server, Owner, Repository, RunnerGroup, ScaleSetName)
            == (other.Kind, other.Server, other.Owner, other.Repository, other.RunnerGroup, other.ScaleSetName)
        && Only.SetEquals(other.Only);

    public override int GetHashCode() => HashCode.Combine(Kind, Server, Owner, Repository, RunnerGroup, Only.Count);

    /// <summary>Whether it is one of the scope's. What is no name, whoever listed it, is none.</summary>
    public bool Covers(RepositoryKey repository) =>
        IsName(repository.Name)
        && repository.Server == Server
        && (Kind == ScopeKind.Enterprise || repository.Owner == Owner)
        && (Repository is null || Repository == repository.Name)
        && (Only.Count == 0 || Only.Contains(repository.Name));

    /// <summary>Whether runners are registered at this repository of the owner (null: at the owner).</summary>
    public bool RegistersAt(string? repository) => repository is null
        ? HasGroups
        : !HasGroups && Covers(new(Server, Owner, repository));

    /// <summary>Where a runner for a job of <paramref name="repository"/> is registered.</summary>
    public RegistrationTarget TargetFor(AccountKey account, RepositoryKey repository) =>
        new(account, Owner, HasGroups ? null : repository.Name);

    /// <summary>
    /// Reads <c>https://HOST/ORG</c>, <c>https://HOST/OWNER/*</c>, <c>https://HOST/OWNER/REPOSITORY</c> or
    /// <c>https://HOST/enterprises/NAME</c>.
    /// Plain <c>http</c> is accepted for loopback addresses only: a token must not cross a network in the clear.
    /// </summary>
    /// <param name="url">The entry's <c>url</c>.</param>
    /// <param name="scope">The scope, without group, repository filter and name of a scale set.</param>
    /// <param name="problem">One sentence, if it is none.</param>
    public static bool TryParse(string url, out Scope scope, out string problem)
    {
        scope = null!;
        problem = "";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http"))
            problem = $"'{url}' is no web address; write https://github.com/ORG, …/OWNER/REPOSITORY or …/USER/*";
        else if (uri.UserInfo.Length > 0)
            problem = $"the address at {uri.Host} holds a user; credentials belong in spec.github.credentialsSecret";
        else if (uri.Scheme == "http" && !uri.IsLoopback)
            problem = $"'{url}' would send the token unencrypted; use https";
        else if (!ServerAddress.IsPossible(uri))
            problem = $"'{url}' is at an address that no GitHub server has";
        else if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
            problem = $"'{url}' must be an address only, without query or fragment";
        else
            return TryParsePath(url, uri, out scope, out problem);
        return false;
    }

    private static bool TryParsePath(string url, Uri uri, out Scope scope, out string problem)
    {
        var server = uri.GetLeftPart(UriPartial.Authority).ToLowerInvariant();
        var parts = uri.AbsolutePath.Trim('/').Split('/').Select(RepositoryKey.Lower).ToArray();
        problem = "";
        scope = parts switch
        {
            ["enterprises", var name] when IsName(name) =>
                new() { Kind = ScopeKind.Enterprise, Server = server, Owner = Enterprises + name },
            ["enterprises", ..] => null!,
            [var owner] when IsName(owner) => new() { Kind = ScopeKind.Organization, Server = server, Owner = owner },
            [var owner, "*"] when IsName(owner) =>
                new() { Kind = ScopeKind.EachRepository, Server = server, Owner = owner },
            [var owner, var name] when IsName(owner) && IsName(name) =>
                new() { Kind = ScopeKind.Repository, Server = server, Owner = owner, Repository = name },
            _ => null!,
        };
        if (scope is not null)
            return true;
        problem = parts[0] == "enterprises"
            ? $"'{url}' names no enterprise; write {server}/enterprises/NAME"
            : $"'{url}' names no organisation, owner/* or owner/repository";
        return false;
    }

    /// <summary>Whether this can be an owner or a repository; it is put into paths as it is.</summary>
    public static bool IsName(string part) =>
        part is not ("" or "." or "..") && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
