using System.IO.Enumeration;
using System.Text.Json;
using RunnerImage.Images;

namespace RunnerImage.Engine;

/// <summary>The filters of <c>docker images</c> and of the clean-ups, as Docker's API has them.</summary>
/// <param name="values">The values of each filter.</param>
/// <param name="until">Only images that were here before all of these times.</param>
internal sealed class ImageFilter(
    IReadOnlyDictionary<string, Dictionary<string, bool>> values, IReadOnlyList<DateTimeOffset> until)
{
    private static readonly string[] Known = ["dangling", "reference", "label", "before", "since", "until"];

    /// <param name="json">The query's value; may be empty.</param>
    /// <param name="now">The time now.</param>
    /// <exception cref="EngineException">It is no filter, or one that is not known here.</exception>
    public static ImageFilter Parse(string json, DateTimeOffset now)
    {
        try
        {
            var values = json.Length == 0 ? [] : JsonSerializer.Deserialize(json, EngineJson.Default.Filters) ?? [];
            return values.Keys.FirstOrDefault(k => !Known.Contains(k)) is { } unknown
                ? throw new EngineException(EngineException.Invalid,
                    $"invalid filter '{unknown}': this runner knows {string.Join(", ", Known)}")
                : new(values, [.. values.GetValueOrDefault("until")?.Keys.Select(t => PointInTime.Parse(t, now)
                    ?? throw new EngineException(EngineException.Invalid, $"invalid filter 'until={t}': it is neither "
                        + "a duration, as 24h is, nor a time")) ?? []]);
        }
        catch (JsonException)
        {
            throw new EngineException(EngineException.Invalid, "invalid filter: it is not JSON");
        }
    }

    /// <summary>Whether only images without a name are asked for; null if nothing is said.</summary>
    private bool? Dangling => Of("dangling").Select(v => v is "1" or "true" or "t" or "True" or "TRUE" or "T")
        .Cast<bool?>().FirstOrDefault();

    /// <summary>The entries of the store that pass, for a list.</summary>
    public IReadOnlyList<StoredImage> Apply(IReadOnlyList<StoredImage> images, ImageView view, ImageStore store) =>
        [.. Others(images, view, store).Where(i => Dangling is not { } dangling || dangling == (i.Name is null))];

    /// <summary>The entries of the store that a prune removes: without names, or all.</summary>
    public IReadOnlyList<StoredImage> Pruned(IReadOnlyList<StoredImage> images, ImageView view, ImageStore store) =>
        [.. Others(images, view, store).Where(i => Dangling == false || i.Name is null)];

    private IEnumerable<StoredImage> Others(IReadOnlyList<StoredImage> images, ImageView view, ImageStore store) =>
        images.Where(i => !Of("reference").Any() || Of("reference").Any(p => Matches(i, p)))
            .Where(i => Of("label").All(l => HasLabel(view.Labels(i.Root), l)))
            .Where(i => Of("before").All(n => view.Created(i.Root) < CreatedOf(n, view, store)))
            .Where(i => until.All(t => store.KeptSince(i) < t))
            .Where(i => Of("since").All(n => view.Created(i.Root) > CreatedOf(n, view, store)));

    private IEnumerable<string> Of(string name) =>
        values.TryGetValue(name, out var all) ? all.Where(v => v.Value).Select(v => v.Key) : [];

    private static bool Matches(StoredImage image, string pattern) => image.Name is { } name
        && ((string[])[name.Familiar, name.FamiliarRepository, name.Name, name.Repository])
            .Any(n => FileSystemName.MatchesSimpleExpression(pattern, n, ignoreCase: false)
                && n.Count(c => c == '/') == pattern.Count(c => c == '/'));

    private static bool HasLabel(IReadOnlyDictionary<string, string> labels, string asked) =>
        asked.Split('=', 2) is [var name, var value]
            ? labels.TryGetValue(name, out var found) && found == value
            : labels.ContainsKey(asked);

    private static long CreatedOf(string name, ImageView view, ImageStore store) =>
        ImageQuery.Find(store, name) is [var image, ..]
            ? view.Created(image.Root)
            : throw EngineException.NoImage(name);
}
