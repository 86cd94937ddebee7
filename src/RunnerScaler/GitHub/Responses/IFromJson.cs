using System.Text.Json;

namespace RunnerScaler.GitHub.Responses;

/// <summary>What is read from GitHub's JSON.</summary>
internal interface IFromJson<TSelf>
    where TSelf : class, IFromJson<TSelf>
{
    /// <summary>
    /// Reads one as leniently as can be: what is missing, or of another kind than it should be, is null. Null if it
    /// lacks what makes it one. Never throws; keeps nothing of <paramref name="json"/>.
    /// </summary>
    static abstract TSelf? Read(JsonElement json);
}

/// <summary>A thing that GitHub lists.</summary>
internal interface IListed<TSelf> : IFromJson<TSelf>
    where TSelf : class, IListed<TSelf>
{
    /// <summary>The member of a page that holds the list, where a page is an object.</summary>
    static abstract string ListName { get; }
}
