namespace RunnerScaler.GitHub.Accounts;

/// <summary>What a Secret of an account holds. Printing one shows no secret.</summary>
internal abstract record GitHubCredential
{
    /// <summary>How a sentence for people names it.</summary>
    public abstract string Kind { get; }

    public sealed override string ToString() => Kind;

    /// <summary>A <see href="https://docs.github.com/apps">GitHub App</see>.</summary>
    /// <param name="AppId">The App's id or client id.</param>
    /// <param name="PrivateKey">Its RSA key as PEM.</param>
    /// <param name="InstallationId">The installation that is meant; null to look it up by owner.</param>
    public sealed record App(string AppId, string PrivateKey, long? InstallationId) : GitHubCredential
    {
        public override string Kind => "GitHub App";
    }

    /// <summary>A personal access token, classic or fine-grained.</summary>
    public sealed record Token(string Value) : GitHubCredential
    {
        public override string Kind => "token";
    }
}
