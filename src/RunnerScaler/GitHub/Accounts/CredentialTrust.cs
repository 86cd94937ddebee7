namespace RunnerScaler.GitHub.Accounts;

/// <summary>
/// Whether a refusal of the credential can be believed: a Secret may hold another one by now, for whoever replaces a
/// credential revokes the old one. Members may be called from any thread.
/// </summary>
internal sealed class CredentialTrust(TimeProvider time)
{
    private readonly Lock guard = new();
    private DateTimeOffset? refusedAt;
    private DateTimeOffset lookedAt;

    /// <summary>Whether GitHub has refused the credential (401) since the Secret was looked at.</summary>
    public bool NeedsLook
    {
        get
        {
            lock (guard)
                return refusedAt >= lookedAt;
        }
    }

    public void Refused()
    {
        lock (guard)
            refusedAt ??= time.GetUtcNow();
    }

    public void Accepted()
    {
        lock (guard)
            refusedAt = null;
    }

    /// <summary>The Secret holds another credential than before.</summary>
    public void Renewed() => Accepted();

    /// <summary>The Secret was looked at.</summary>
    public void Looked()
    {
        lock (guard)
            lookedAt = time.GetUtcNow() + TimeSpan.FromTicks(1);
    }
}
