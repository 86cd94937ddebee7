using System.Diagnostics.CodeAnalysis;

namespace RunnerScaler.GitHub.Responses;

/// <summary>What GitHub answered, or why there is nothing to work with: never both, never neither.</summary>
internal sealed record GitHubAnswer<T>
    where T : notnull
{
    private GitHubAnswer(T? value, Failure? failure) => (Value, Failure) = (value, failure);

    /// <summary>What was asked for; null, or a default, if there is a <see cref="Failure"/>.</summary>
    public T? Value { get; }

    /// <summary>Why it could not be had; null if it could.</summary>
    public Failure? Failure { get; }

    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool Ok => Failure is null;

    public static implicit operator GitHubAnswer<T>(T value) => new(value, null);

    public static implicit operator GitHubAnswer<T>(Failure failure) => new(default, failure);

    /// <summary>Goes on with what was asked for; a failure stays what it is.</summary>
    public GitHubAnswer<TNext> Select<TNext>(Func<T, TNext> next)
        where TNext : notnull => Ok ? next(Value) : Failure;

    /// <summary>Without what was answered: that may be a secret.</summary>
    public override string ToString() => Failure?.Detail ?? typeof(T).Name;
}
