using System.Text;
using CsCheck;
using RunnerScaler.Protocol;

namespace RunnerScaler.Tests.Protocol;

/// <summary>
/// What somebody writes where one of our programs should have: pieces of the real thing put together wrongly, JSON of
/// other shapes, text and bytes that are none.
/// </summary>
internal static class HostileText
{
    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "null", "true", "false", "-1", "0", "1e999", "1e-999", "99999999999", "0.5",
        "\"\\ud800\"", "\"\\ud800\":1", "\"\u202e\"", "\"\\u0000\"", "\"\\n::error::\"", "\"\ud83d\ude00\"",
        "\"ranJob\":", "\"exitCode\":", "\"outcome\":", "\"problem\":", "\"phases\":", "\"builds\":",
        "\"buildsOmitted\":", "\"job\":", "\"repository\":\"acme/web\"", "\"runId\":",
        "\"command\":", "\"result\":", "\"seconds\":", "\"steps\":", "\"cachedSteps\":", "\"runnerName\":",
        "\"jitConfig\":", "\"build\"", "\"bake\"", "\"success\"", "\"canceled\"", "\"JobInterrupted\"", "\"Other\"",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "7", "1e999", "2.5", "99999999999999999999", "\"\"",
        "\"\\ud800\"", "\"x\\ny\"",
        "\"JobInterrupted\"", "\"3\"", "\"build\"", "\"success\"", "[]", "{}", "[[[[]]]]", "[null]", "{\"seconds\":1}",
        "[{\"command\":\"build\",\"result\":\"success\",\"seconds\":1,\"steps\":3,\"cachedSteps\":9}]", "\u202e", "nul",
    ];

    private static readonly string[] Names =
    [
        "ranJob", "exitCode", "outcome", "problem", "phases", "builds", "buildsOmitted", "builder", "claim", "listener",
        "runnerName", "jitConfig", "job", "repository", "runId", "\\ud800", "", "x",
    ];

    /// <summary>An object with the right names and any values; some of its names are there twice.</summary>
    private static readonly Gen<string> Objects = Gen
        .Select(OneOf(Names), OneOf(Values), (name, value) => $"\"{name}\":{value}").Array[0, 9]
        .Select(members => $"{{{string.Join(',', members)}}}");

    private static readonly Gen<string> Nested = Gen.Int[1, 5000].Select(
        depth => $"{{\"problem\":\"x\",\"builds\":{new string('[', depth)}{new string(']', depth)}}}");

    private static readonly Gen<string> Long = Gen.Int[1, 400_000].Select(
        length => $"{{\"ranJob\":true,\"problem\":\"{new string('x', length)}\"}}");

    public static Gen<string> Texts { get; } = Gen.Frequency(
        (8, Objects),
        (4, OneOf(Pieces).Array[0, 30].Select(string.Concat)),
        (2, Gen.String),
        (1, Nested),
        (1, Long),
        (1, Gen.Select(Objects, Gen.Int[0, 200], (json, cut) => json[..Math.Min(cut, json.Length)])));

    public static Gen<byte[]> Bytes { get; } = Gen.Frequency(
        (3, Texts.Select(Encoding.UTF8.GetBytes)),
        (1, Gen.Byte.Array[0, 3000]));

    public static Gen<ClaimReply> Replies { get; } = Gen.Select(
        Gen.OneOf(OneOf(200, 204, 401, 403, 409, 410, 429, 503), Gen.Int),
        Gen.Int.Nullable(),
        Bytes,
        (status, after, body) => new ClaimReply(status, after, body));

    public static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
