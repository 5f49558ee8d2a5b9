#include "ingest/internal/names.h"

#include <algorithm>
#include <array>

namespace cloison::ingest::internal {
namespace {

constexpr std::size_t kHeadNames = 30;
using Head = std::array<std::string_view, kHeadNames>;

// Up to the year: the head of each sex, and how many of 1,000 have a name of it. The first names
// of a list are the most given.
struct Generation {
  int year_max;
  std::uint32_t head_share;
  Head women, men;
};

// clang-format off
constexpr Generation kGenerations[] = {
    {1945, 680, {
      "Marie", "Jeannine", "Monique", "Denise", "Jacqueline", "Simone", "Yvette", "Paulette",
      "Ginette", "Odette", "Madeleine", "Andrée", "Thérèse", "Jeanne", "Christiane", "Huguette",
      "Yvonne", "Colette", "Josette", "Suzanne", "Micheline", "Renée", "Germaine", "Claudine",
      "Louise", "Lucienne", "Georgette", "Françoise", "Nicole", "Bernadette",
    }, {
      "Jean", "Pierre", "André", "René", "Marcel", "Roger", "Robert", "Georges", "Louis",
      "Jacques", "Henri", "Maurice", "Raymond", "Claude", "Michel", "Bernard", "Paul", "Lucien",
      "Gilbert", "Fernand", "Guy", "Gérard", "Daniel", "Joseph", "Serge", "Roland", "Albert",
      "Charles", "François", "Marc",
    }},
    {1955, 640, {
      "Marie", "Monique", "Françoise", "Christiane", "Nicole", "Jacqueline", "Michèle", "Annie",
      "Martine", "Danielle", "Jeannine", "Christine", "Chantal", "Josette", "Catherine",
      "Brigitte", "Colette", "Éliane", "Bernadette", "Anne", "Liliane", "Claudine", "Michelle",
      "Josiane", "Dominique", "Annick", "Arlette", "Yvette", "Évelyne", "Maryse",
    }, {
      "Michel", "Jean", "Alain", "Bernard", "Jean-Pierre", "Gérard", "Daniel", "Christian",
      "Jacques", "Claude", "Pierre", "André", "Patrick", "Jean-Claude", "Philippe", "Guy",
      "Serge", "René", "Robert", "Roger", "Yves", "Jean-Paul", "François", "Georges", "Marcel",
      "Henri", "Francis", "Dominique", "Jean-Louis", "Gilles",
    }},
    {1965, 600, {
      "Sylvie", "Catherine", "Martine", "Christine", "Marie", "Patricia", "Brigitte", "Véronique",
      "Françoise", "Isabelle", "Nathalie", "Chantal", "Corinne", "Nicole", "Pascale", "Anne",
      "Dominique", "Annie", "Laurence", "Michèle", "Valérie", "Évelyne", "Béatrice", "Élisabeth",
      "Sophie", "Monique", "Fabienne", "Florence", "Muriel", "Joëlle",
    }, {
      "Philippe", "Patrick", "Pascal", "Alain", "Michel", "Thierry", "Christian", "Jean",
      "Didier", "Éric", "Bruno", "Dominique", "Bernard", "Pierre", "Laurent", "Gilles",
      "Christophe", "Marc", "Daniel", "François", "Gérard", "Serge", "Denis", "Frédéric", "Hervé",
      "Jean-Pierre", "Olivier", "Joël", "Jean-Luc", "Jacques",
    }},
    {1975, 560, {
      "Nathalie", "Isabelle", "Sandrine", "Valérie", "Stéphanie", "Karine", "Sylvie",
      "Christelle", "Sophie", "Laurence", "Céline", "Véronique", "Catherine", "Virginie",
      "Delphine", "Corinne", "Florence", "Anne", "Marie", "Séverine", "Patricia", "Christine",
      "Carole", "Sonia", "Sabrina", "Magali", "Nadia", "Cécile", "Fabienne", "Caroline",
    }, {
      "Christophe", "Stéphane", "Laurent", "David", "Frédéric", "Olivier", "Éric", "Sébastien",
      "Nicolas", "Jérôme", "Philippe", "Franck", "Pascal", "Thierry", "Fabrice", "Bruno",
      "Cédric", "Patrick", "Vincent", "François", "Jean", "Arnaud", "Emmanuel", "Alexandre",
      "Sylvain", "Xavier", "Ludovic", "Pierre", "Fabien", "Guillaume",
    }},
    {1985, 500, {
      "Céline", "Aurélie", "Émilie", "Stéphanie", "Virginie", "Élodie", "Julie", "Sandrine",
      "Laëtitia", "Delphine", "Audrey", "Karine", "Mélanie", "Sabrina", "Jennifer", "Vanessa",
      "Marie", "Amandine", "Caroline", "Sophie", "Cécile", "Jessica", "Magali", "Laura",
      "Christelle", "Hélène", "Aline", "Anne", "Angélique", "Marion",
    }, {
      "Nicolas", "Julien", "Sébastien", "Guillaume", "David", "Jérôme", "Cédric", "Thomas",
      "Alexandre", "Mickaël", "Vincent", "Benjamin", "Romain", "Anthony", "Matthieu", "Arnaud",
      "Pierre", "Christophe", "Ludovic", "Jérémy", "Fabien", "Maxime", "Olivier", "Frédéric",
      "Jonathan", "Damien", "Antoine", "Grégory", "Yann", "Kévin",
    }},
    {1995, 430, {
      "Laura", "Marine", "Élodie", "Julie", "Marion", "Pauline", "Marie", "Mathilde", "Camille",
      "Justine", "Aurélie", "Charlotte", "Manon", "Sarah", "Amandine", "Mélanie", "Émilie",
      "Jessica", "Audrey", "Anaïs", "Lucie", "Cindy", "Amélie", "Caroline", "Ophélie", "Laëtitia",
      "Chloé", "Morgane", "Élise", "Fanny",
    }, {
      "Kévin", "Thomas", "Alexandre", "Anthony", "Romain", "Nicolas", "Maxime", "Julien",
      "Quentin", "Jérémy", "Florian", "Alexis", "Guillaume", "Antoine", "Benjamin", "Pierre",
      "Clément", "Mathieu", "Jonathan", "Jordan", "Adrien", "Valentin", "Vincent", "Mickaël",
      "Baptiste", "Simon", "Arnaud", "Dylan", "Damien", "Aurélien",
    }},
    {2005, 380, {
      "Léa", "Manon", "Chloé", "Camille", "Emma", "Océane", "Marie", "Sarah", "Clara", "Inès",
      "Laura", "Julie", "Mathilde", "Lucie", "Anaïs", "Pauline", "Marine", "Lisa", "Eva",
      "Justine", "Maéva", "Juliette", "Charlotte", "Jade", "Mélissa", "Émilie", "Romane",
      "Morgane", "Louise", "Alexia",
    }, {
      "Thomas", "Lucas", "Théo", "Hugo", "Maxime", "Nicolas", "Quentin", "Alexandre", "Antoine",
      "Clément", "Alexis", "Valentin", "Romain", "Enzo", "Léo", "Nathan", "Mathis", "Florian",
      "Louis", "Dylan", "Pierre", "Paul", "Benjamin", "Baptiste", "Adrien", "Victor", "Arthur",
      "Axel", "Tom", "Julien",
    }},
    {9999, 300, {
      "Emma", "Jade", "Louise", "Alice", "Chloé", "Lina", "Léa", "Manon", "Inès", "Camille",
      "Mila", "Lola", "Rose", "Anna", "Ambre", "Sarah", "Zoé", "Julia", "Juliette", "Agathe",
      "Lena", "Éva", "Nina", "Romane", "Lucie", "Alba", "Charlotte", "Victoria", "Iris", "Adèle",
    }, {
      "Gabriel", "Lucas", "Léo", "Raphaël", "Louis", "Jules", "Hugo", "Arthur", "Nathan", "Adam",
      "Ethan", "Enzo", "Paul", "Noah", "Maël", "Sacha", "Tom", "Liam", "Nolan", "Gabin", "Aaron",
      "Théo", "Mathis", "Timéo", "Isaac", "Victor", "Eden", "Marius", "Rayan", "Martin",
    }},
};
constexpr std::string_view kWomenForeign[] = {
    "Fatima", "Fatiha", "Khadija", "Aïcha", "Nadia", "Samira", "Karima", "Leïla", "Yasmina",
    "Malika", "Amina", "Meryem", "Sonia", "Imane", "Salma", "Aminata", "Fatoumata", "Mariam",
    "Awa", "Kadiatou", "Adama", "Maria", "Ana", "Carla", "Sofia", "Elena", "Ioana", "Oksana",
    "Olena", "Katarzyna", "Agnieszka", "Ayşe", "Elif", "Zeynep", "Fatma", "Hoa", "Linh", "Thi",
    "Mai", "Wei", "Li", "Xin", "Priya", "Anjali", "Zahra", "Maryam", "Nour", "Rania", "Giulia",
    "Ingrid",
};
constexpr std::string_view kMenForeign[] = {
    "Mohamed", "Ahmed", "Karim", "Rachid", "Said", "Mustapha", "Youssef", "Hassan", "Abdelkader",
    "Ali", "Omar", "Ibrahim", "Mehdi", "Bilal", "Nabil", "Samir", "Amadou", "Mamadou", "Moussa",
    "Ousmane", "Cheikh", "Abdoulaye", "Boubacar", "Seydou", "João", "José", "Carlos", "Manuel",
    "Paulo", "Andrei", "Ion", "Mihai", "Oleksandr", "Piotr", "Krzysztof", "Mehmet", "Mustafa",
    "Emre", "Hüseyin", "Minh", "Tuan", "Wei", "Jun", "Ravi", "Suresh", "Reza", "Farid", "Kofi",
    "Emmanuel", "Marco",
};
constexpr std::string_view kSecondWomen[] = {
    "Claire", "Rose", "Anne", "Sophie", "Laure", "Paule", "Hélène", "Noëlle", "Odile", "Agnès",
    "Line", "Ange",
};
constexpr std::string_view kSecondMen[] = {
    "Pierre", "Paul", "Luc", "Marc", "Claude", "Louis", "Michel", "Yves", "François", "Baptiste",
    "Marie", "Christophe",
};
constexpr std::string_view kStreets[] = {
    "de la République", "Victor Hugo", "Jean Jaurès", "de l'Église", "des Lilas", "du Moulin",
    "de la Gare", "Pasteur", "des Écoles", "du Général de Gaulle", "de la Mairie", "des Acacias",
    "du Stade", "Émile Zola", "Voltaire", "de la Paix", "des Roses", "du Château",
    "de la Fontaine", "Jules Ferry", "des Tilleuls", "de Verdun", "Gambetta", "du Port",
    "de la Liberté", "des Cerisiers", "Louis Pasteur", "Anatole France", "des Peupliers",
    "Jean Moulin", "du 8 Mai 1945", "Molière", "des Violettes", "de la Forêt", "du Marché",
    "Marie Curie", "de Bretagne", "des Vignes", "du Lavoir", "Saint-Martin",
};
constexpr std::string_view kStreetKinds[] = {
    "rue", "avenue", "boulevard", "place", "chemin", "allée", "impasse", "rue", "rue", "rue",
};
constexpr std::string_view kNotes[] = {
    "Recherche un emploi à temps partiel.", "Projet de reconversion dans le numérique.",
    "Permis B, véhicule personnel.", "Formation en cours, disponible en septembre.",
    "Souhaite travailler près de son domicile.", "Entretien à reprendre après la garde d'enfant.",
    "Expérience de dix ans dans la logistique.", "Anglais courant, notions d'espagnol.",
    "Validation des acquis demandée.", "Disponible immédiatement.",
};
constexpr std::string_view kNeeds[] = {
    "Poste assis, pauses régulières.", "Écran adapté et logiciel de lecture.",
    "Horaires aménagés.", "Pas de port de charges.",
    "Interprète en langue des signes.", "Bureau accessible en fauteuil.",
};
// clang-format on

constexpr std::uint32_t kHeadShift = 4;
constexpr std::uint32_t kWholeWeight = 1u << 20;

// Sums of 1 / (rank + 4), the last one kWholeWeight.
constexpr std::array<std::uint32_t, kHeadNames> HeadSums() {
  std::array<std::uint32_t, kHeadNames> sums{};
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < kHeadNames; ++i) all += 1'000'000'000 / (i + 1 + kHeadShift);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kHeadNames; ++i) {
    sum += 1'000'000'000 / (i + 1 + kHeadShift);
    sums[i] = static_cast<std::uint32_t>(sum * kWholeWeight / all);
  }
  return sums;
}
constexpr std::array<std::uint32_t, kHeadNames> kHeadSums = HeadSums();

const Head& HeadOf(const Generation& generation, bool woman) {
  return woman ? generation.women : generation.men;
}

std::string_view FromHead(const Head& head, std::uint64_t draw) {
  const auto at = std::upper_bound(kHeadSums.begin(), kHeadSums.end(), draw % kWholeWeight);
  return head[static_cast<std::size_t>(at - kHeadSums.begin())];
}

}  // namespace

std::string FirstName(bool woman, int year, Origin origin, std::uint64_t draw) {
  const WordList foreign = woman ? WordList(kWomenForeign) : WordList(kMenForeign);
  const std::uint64_t kind = draw % 1'000, which = draw / 1'000 % kWholeWeight;
  const std::uint64_t other = draw / 1'000 / kWholeWeight;
  if (origin == Origin::kForeign && kind < 750) return std::string(foreign[which % foreign.size()]);
  const auto generation =
      std::find_if(std::begin(kGenerations), std::end(kGenerations),
                   [year](const Generation& of) { return year <= of.year_max; });
  if (kind < generation->head_share) {
    return std::string(FromHead(HeadOf(*generation, woman), which));
  }
  switch (other % 10) {
    case 0: return std::string(foreign[which % foreign.size()]);
    case 1: {
      const WordList second = woman ? WordList(kSecondWomen) : WordList(kSecondMen);
      const std::string_view first =
          woman ? (which % 3 == 0 ? "Anne" : "Marie") : (which % 4 == 0 ? "Pierre" : "Jean");
      const std::string_view next = second[which / 12 % second.size()];
      return next == first ? std::string(first) : std::string(first) + "-" + std::string(next);
    }
    default: {
      const std::size_t of = other / 10 % std::size(kGenerations);
      return std::string(HeadOf(kGenerations[of], woman)[which % kHeadNames]);
    }
  }
}

const Words& AllWords() {
  static constexpr Words kWords = {kStreets, kStreetKinds, kNotes, kNeeds};
  return kWords;
}

}  // namespace cloison::ingest::internal
